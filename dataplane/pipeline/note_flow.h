// SPDX-License-Identifier: Apache-2.0
// What the peer shall be told of a connection, noted where it happens: it was made, it changed, it ends. Without a pair each of
// these is one test. Ownership follows from the group's role at the moment: nothing here is remembered.
#pragma once

#include "dataplane/pipeline/count_flow.h"

namespace tandem {

// Of a connection that is made here. In a group that is not ours it has none, so that the owner's word replaces it.
inline ConnOrder order_of_new(const WorkerContext& context, GroupId group) noexcept {
  if (context.flows == nullptr || group == kNoGroup || !context.roles.is_active(group)) return {};
  return context.flows->draw(group);
}

// Later than what both nodes have of it, so that it stands whatever comes late.
inline ConnOrder order_after(const WorkerContext& context, GroupId group, ConnOrder latest) noexcept {
  const ConnOrder drawn = context.flows->draw(group);
  return drawn > latest ? drawn : ConnOrder{.term = latest.term, .incarnation = (latest.incarnation + 1) & kLastIncarnation};
}

// When a packet of it was last seen, in seconds of this node's clock.
template <typename Entry>
std::uint32_t heard_seconds(const WorkerContext& context, const Connections<Entry>& connections, const Entry& entry) noexcept {
  const auto now = static_cast<std::uint32_t>(context.now.since_start / std::chrono::seconds{1});
  const std::uint32_t idle = entry.idle_ticks(connections.expiry->tick());
  return now < idle ? 0 : now - idle;
}

template <typename Entry>
void note_change(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (context.flows == nullptr) return;
  if (group_of(context, connections.table->detail(entry).service) != kNoGroup) context.flows->changed(*connections.table, entry);
}

// Its client opens anew what stands here, because it lost its own end: a connection that the other node knows nothing of. Under the
// old one's order it would fall by what is still said of that.
template <typename Entry>
void note_begun_anew(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (context.flows == nullptr || entry.state == ConnState::half_open) return;  // merely asks again
  ConnDetail& detail = connections.table->detail(entry);
  const GroupId group = group_of(context, detail.service);
  if (group == kNoGroup || !context.roles.is_active(group)) return;
  uncount_flow(context, connections, entry);  // under the order that it had
  const std::uint8_t told = peer_may_have(entry) ? kConnTold : std::uint8_t{0};
  entry.flags = static_cast<std::uint8_t>((entry.flags & ~(kConnCounted | kConnJudged | kConnSynced | kConnAdopted)) | told);
  detail.order = order_after(context, group, detail.order);
  note_change(context, connections, entry);
}

// Told, but it may not have arrived. Who does not own it tells it whole: a report of what the owner does not have, because it was made
// here or the owner started anew, would be no news to him.
template <typename Entry>
void note_untold(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  const bool owned = context.roles.is_active(group_of(context, connections.table->detail(entry).service));
  if (!owned) entry.flags = static_cast<std::uint8_t>(entry.flags & ~(kConnTold | kConnSynced));
  recount_flow(context, connections, entry);
  note_change(context, connections, entry);
}

// Only the owner tells of an end, and only of a connection that the peer may have.
template <typename Entry>
void note_end(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, RemoveReason reason) noexcept {
  if (context.flows == nullptr || reason == RemoveReason::synced) return;
  const GroupId group = group_of(context, connections.table->detail(entry).service);
  if (group == kNoGroup) return;
  if (!context.roles.is_active(group)) {
    if (reason == RemoveReason::evicted) context.flows->shadow_evicted();
    return;
  }
  if (peer_may_have(entry))
    context.flows->ended(
        record_of(*context.generation, *connections.table, entry, Operation::remove, group, heard_seconds(context, connections, entry)));
}

}  // namespace tandem
