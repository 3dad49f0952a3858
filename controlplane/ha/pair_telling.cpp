// SPDX-License-Identifier: Apache-2.0
// What the pair tells: of itself in a hello, of a group to its LANs, and to the workers what they are.
#include <algorithm>

#include "controlplane/ha/pair.h"

namespace tandem::ha {
namespace {

constexpr std::size_t kFastGroups = 4;
constexpr std::chrono::milliseconds kSlowVrrp{200};

}  // namespace

void Pair::report_self(const Local& local, Instant now) {
  own_.interval = plan_.interval;
  own_.ready = local.ready, own_.in_step = local.peer_has_all, own_.leaving = leaving_;
  own_.held = held(now), own_.unsettled = hold_down_.active(now);
  own_.hears_on_sync = paths_.alive(kSyncPath, now, dead_time());
  own_.stalled_workers = now < quiet_until_ ? 0 : local.stalled_workers;  // they woke when we did, and have not had their turn yet
  own_.pair_digest = local.pair_digest, own_.schedule_digest = local.schedule_digest;
  own_.lans.clear();
  for (std::size_t i = 0; i < plan_.lans.size(); ++i) {
    const bool hears = paths_.alive(path_of_lan(i), now, dead_time());
    own_.lans.push_back({name_key(plan_.lans[i].name), local.has_link(i), hears, local.has_witness(i)});
  }
}

void Pair::report_groups(const Local& local, Instant now) {
  own_.groups.clear();
  for (const Group& group : groups()) {
    const bool cut_off = (local.cut_off >> index(group.id()) & 1) != 0;
    own_.groups.push_back({group.key(), group.role(), wants_back(group, now), group.plan().preferred, group.term(), cut_off});
  }
}

std::chrono::milliseconds Pair::vrrp_interval() const {
  return groups_.size() > kFastGroups ? std::max(plan_.interval, kSlowVrrp) : plan_.interval;
}

void Pair::order_sending(const Local& local, Orders& orders, Instant now) {
  orders.hello = hello_rhythm_.due(now, plan_.interval);
  if (orders.hello) ++own_.number;
  order_probes(orders, now);
  if (now < quiet_until_) return;
  for (OneGroup& each : groups_) {
    const GroupId id = each.group.id();
    if (!serves(each.group.role())) continue;
    if (each.adverts.due(now, vrrp_interval())) orders.adverts.push_back({id, priority(id, local)});
    if (each.announcement.due(now)) orders.announce.push_back(id);
  }
}

void Pair::order_probes(Orders& orders, Instant now) {
  const bool any_silent = std::any_of(lans_.begin(), lans_.end(), [](const OneLan& lan) { return lan.silent.is_so(); });
  if (!any_silent || !probe_rhythm_.due(now, plan_.interval)) return;
  for (std::size_t i = 0; i < lans_.size(); ++i)
    if (lans_[i].silent.is_so()) orders.probes.push_back(i);
}

Roles Pair::roles(Instant now) const {
  Roles out;
  for (const Group& group : groups()) {
    const std::uint32_t bit = 1U << index(group.id());
    if (serves(group.role())) out.active |= bit;
    if (group.receives(now)) out.receives |= bit;
    const GroupReport* theirs = peer_ && peer_alive(now) ? peer_->group(group.key()) : nullptr;
    if (theirs == nullptr) continue;
    if (serves(group.role()) ? group.is_moving(now) : serves(theirs->role)) out.on_peer |= bit;
  }
  return out;
}

}  // namespace tandem::ha
