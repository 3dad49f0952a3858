// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/make_room.h"

#include "dataplane/pipeline/connection_end.h"

namespace tandem {

namespace {

// The peer's go last: we hold them for the day it cannot. So does what the peer is yet to be told of.
template <typename Entry>
Entry* find_victim(const Pass& pass, ConnTable<Entry>& table) noexcept {
  if (pass.context.flows == nullptr) return table.find_victim();
  return table.find_victim([&](Entry& entry) {
    return entry.is(kConnDirty) || pass.context.roles.is_on_peer(group_of(pass.context, table.detail(entry).service));
  });
}

template <typename Entry>
void evict(const Pass& pass, Entry& victim) noexcept {
  end_connection(pass.context, pass.connections<Entry>(), victim, RemoveReason::evicted);
}

// Who waits takes the place of one who waits, or has none: a flood of SYNs never costs more than its quota.
template <typename Entry>
bool replace_half_open(const Pass& pass, ConnTable<Entry>& table) noexcept {
  Entry* victim = find_victim(pass, table);
  if (victim == nullptr || victim->state != ConnState::half_open) return false;
  evict(pass, *victim);
  return true;
}

}  // namespace

template <typename Entry>
InsertFailure make_room(const Pass& pass, bool waits) noexcept {
  ConnTable<Entry>& table = *pass.connections<Entry>().table;
  if (waits && table.count(ConnState::half_open) >= table.half_open_quota() && !replace_half_open(pass, table))
    return InsertFailure::half_open_quota;
  if (!table.full()) return InsertFailure::count_;
  Entry* victim = find_victim(pass, table);
  if (victim == nullptr) return InsertFailure::table_full;
  evict(pass, *victim);
  return InsertFailure::count_;
}

template InsertFailure make_room<ConnEntry4>(const Pass&, bool) noexcept;
template InsertFailure make_room<ConnEntry6>(const Pass&, bool) noexcept;

}  // namespace tandem
