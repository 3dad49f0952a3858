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

template <typename Entry>
void note_change(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (context.flows == nullptr) return;
  if (group_of(context, connections.table->detail(entry).service) != kNoGroup) context.flows->changed(*connections.table, entry);
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
  if (peer_may_have(entry)) context.flows->ended(record_of(*connections.table, entry, Operation::remove, group));
}

}  // namespace tandem
