// SPDX-License-Identifier: Apache-2.0
#include "dataplane/flows/flow_learner.h"

#include "dataplane/flows/learn_flow.h"

namespace tandem {

namespace {

bool is_of(const SyncRecord& record, Family family) noexcept { return record.client.family == family && record.vip.family == family; }

// The hash of the client end, and its tags asked for.
TableHash prepare(const WorkerContext& context, const SyncRecord& record) noexcept {
  const auto ask = [&](const auto& connections, const auto& key) {
    const TableHash hash = (*context.hasher)(key.client);
    connections.table->prefetch(hash);
    return hash;
  };
  return record.client.family == Family::ipv4 ? ask(context.connections4, key_of<ConnEntry4>(record))
                                              : ask(context.connections6, key_of<ConnEntry6>(record));
}

// The entries that may be its own, and the place that it will take if it is new: asked for together, so that their misses overlap.
void ask_for_entries(const WorkerContext& context, const SyncRecord& record, TableHash hash) noexcept {
  const auto ask = [&](auto& table) {
    if (table.candidate(hash).matches == 0) table.prefetch_place(hash);
  };
  if (record.client.family == Family::ipv4) ask(*context.connections4.table);
  else ask(*context.connections6.table);
}

SyncOutcome take(const WorkerContext& context, const SyncRecord& record, TableHash hash) noexcept {
  if (is_of(record, Family::ipv4)) return learn(context, context.connections4, record, hash);
  if (is_of(record, Family::ipv6)) return learn(context, context.connections6, record, hash);
  return SyncOutcome::unknown_service;  // nobody reaches a VIP from the other family
}

}  // namespace

bool FlowLearner::turn(const WorkerContext& context) noexcept {
  std::array<TableHash, kSlice> hashes;
  std::size_t taken = 0;
  for (; taken < kSlice && desk_.heard.pop(records_[taken]); ++taken) hashes[taken] = prepare(context, records_[taken]);
  for (std::size_t i = 0; i < taken; ++i) ask_for_entries(context, records_[i], hashes[i]);
  for (std::size_t i = 0; i < taken; ++i) count(take(context, records_[i], hashes[i]));
  watch_room(context);
  return taken != 0;
}

void FlowLearner::watch_room(const WorkerContext& context) noexcept {
  if (!full_) return;
  const auto has_room = [](const auto& table) { return table.size() * 20 <= table.capacity() * 19; };
  full_ = !has_room(*context.connections4.table) || !has_room(*context.connections6.table);
  if (full_) FlowDesk::raise(desk_.full);
}

void FlowLearner::count(SyncOutcome outcome) noexcept {
  counters_.sync_applied[static_cast<std::size_t>(outcome)].add();
  if (outcome != SyncOutcome::full) return;
  full_ = true;
  FlowDesk::raise(desk_.full);
}

}  // namespace tandem
