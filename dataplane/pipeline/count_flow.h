// SPDX-License-Identifier: Apache-2.0
// Keeps the worker's sums (conn/flow_sums.h) in step with its table. Counted is what the peer was told of or told us, once it is
// more than half-open: a standby under pressure may refuse half-open ones, and they come again when they are established.
// What a connection adds to a sum never changes while it lives, so it is counted once and taken out when it ends.
#pragma once

#include "dataplane/conn/flow_mark.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

inline GroupId group_of(const WorkerContext& context, ServiceId service) noexcept {
  return (*context.generation->services)[index(service)].group;
}

// Where a counted connection belongs.
struct FlowCount {
  std::uint32_t sum_index = 0;
  std::uint64_t value = 0;
};

template <typename Entry>
FlowCount count_of(const WorkerContext& context, FlowSide side, const Entry& entry, const ConnDetail& detail) noexcept {
  const FlowMark mark = mark_of(context.generation->keys.table, entry, detail, backend_of(*context.generation, entry));
  return {flow_sum_index(side, mark.bucket), mark.value};
}

template <typename Entry>
std::optional<FlowSide> side_of(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  const GroupId group = group_of(context, connections.table->detail(entry).service);
  return group == kNoGroup ? std::nullopt : context.flows->sums().side_of(group);
}

// A slot's place in a walk over both tables: IPv6's come behind IPv4's.
template <typename Entry>
std::size_t place_of(const WorkerContext& context, const Connections<Entry>& connections, const Entry& entry) noexcept {
  const std::size_t before = Entry::kHoldsDetail ? context.connections4.table->slots() : 0;
  return before + index(connections.table->handle(entry));
}

template <typename Entry>
void count_flow(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, bool in) noexcept {
  const std::optional<FlowSide> side = side_of(context, connections, entry);
  if (!side) return;
  const FlowCount count = count_of(context, *side, entry, connections.table->detail(entry));
  context.flows->sums().change(place_of(context, connections, entry), count.sum_index, in ? count.value : 0 - count.value);
}

// What was just told or learnt.
template <typename Entry>
void recount_flow(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (context.flows == nullptr || !context.flows->sums().on()) return;
  const bool counts = peer_may_have(entry) && entry.state != ConnState::half_open;
  if (counts == entry.is(kConnCounted)) return;
  entry.flags = static_cast<std::uint8_t>(entry.flags ^ kConnCounted);
  count_flow(context, connections, entry, counts);
}

// It is about to be erased.
template <typename Entry>
void uncount_flow(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (!entry.is(kConnCounted) || context.flows == nullptr || !context.flows->sums().on()) return;
  count_flow(context, connections, entry, false);
}

}  // namespace tandem
