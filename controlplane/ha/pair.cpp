// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/pair.h"

#include <algorithm>
#include <utility>

namespace tandem::ha {

Pair::Pair(Plan plan, std::uint64_t boot, Instant now) : boot_{now} {
  own_.boot = boot;
  configure(std::move(plan), now);
}

void Pair::configure(Plan plan, Instant now) {
  std::vector<OneGroup> groups;
  for (std::size_t g = 0; g < plan.groups.size(); ++g) groups.push_back(planned(static_cast<GroupId>(g), plan, now));
  if (plan.lans != plan_.lans || paths_.size() != plan.lans.size() + 1) paths_ = Paths{plan.lans.size() + 1};
  groups_ = std::move(groups), plan_ = std::move(plan);
  lans_.assign(plan_.lans.size(), {});
  hello_rhythm_.at_once();
}

// What a group is stays; how it is elected and announced begins anew, since its LANs and addresses may be others now.
Pair::OneGroup Pair::planned(GroupId id, const Plan& plan, Instant now) const {
  const GroupPlan& wanted = plan.groups[index(id)];
  const auto old =
      std::find_if(groups_.begin(), groups_.end(), [&](const OneGroup& each) { return each.group.plan().name == wanted.name; });
  OneGroup out{old == groups_.end() ? Group{id, wanted} : old->group, {}, {kPriorityOther, plan.interval, plan.preempt, {}, {}}, {}, {}};
  if (old != groups_.end()) out.conflicts = old->conflicts;
  out.group.configure(id, wanted);
  out.election.begin(wanted.lans.size(), now);
  if (serves(out.group.role())) out.announcement.begin();
  return out;
}

void Pair::hear_hello(std::size_t path, const Hello& hello, Instant now) {
  if (path >= paths_.size()) return;
  // By several paths the same hello comes several times, and the slower path's is older news.
  const bool newer = !peer_ || hello.boot != peer_->boot || hello.number >= peer_->number;
  paths_.heard(path, now);
  greets_until_ = now;
  if (!newer) return;
  peer_ = hello;
  for (OneGroup& each : groups_)
    if (const GroupReport* report = hello.group(each.group.key())) each.group.hear_term(report->term);
}

bool Pair::hear_advert(GroupId group, std::size_t lan_of_group, const Advert& advert, const IpAddress& from, bool from_peer, Instant now) {
  if (index(group) >= groups_.size()) return false;
  const bool paired = plan_.mode == config::HaMode::pair && plan_.has_key;
  if (paired && !from_peer) return true;
  OneGroup& each = of(group);
  each.election.heard({lan_of_group, advert.priority, advert.interval, from}, each.claim, now);
  if (advert.priority == kPriorityLeaving) each.adverts.at_once();  // RFC 9568 6.4.3: who serves answers at once
  return false;
}

Orders Pair::tick(const Local& local, Instant now) {
  Orders orders;
  notice_gap(orders, now);
  update_silence(local, now);
  report_self(local, now);
  for (OneGroup& each : groups_) step(each, local, orders, now);
  report_groups(local, now);
  orders.roles = roles(now);
  order_sending(local, orders, now);
  last_tick_ = now;
  return orders;
}

void Pair::step(OneGroup& each, const Local& local, Orders& orders, Instant now) {
  const Role before = each.group.role();
  each.claim = own_claim(each.group.id(), local);
  const bool elects = by_vrrp_alone(local, now);
  record(each, before, elects ? each.group.follow(by_election(each, local, now), now) : by_hellos(each, now), orders, now);
}

void Pair::record(OneGroup& each, Role before, const Decision& done, Orders& orders, Instant now) {
  if (done.act == Act::stay) return;
  const Group& group = each.group;
  orders.changes.push_back({group.id(), before, group.role(), done.cause, group.term()});
  hello_rhythm_.at_once();
  if (done.act == Act::take) each.announcement.begin(), each.adverts.at_once();
  // The later term has it, and tells the LAN again, because our frames may have taught a switch the wrong way meanwhile.
  if (done.act != Act::give) return;
  each.announcement.end();
  // Who gives way to a better claim leaves nothing: RFC 9568 keeps priority 0 for who leaves, and a third router would believe it.
  const bool graceful = done.cause != Cause::conflict && done.cause != Cause::unheard && done.cause != Cause::vrrp;
  if (graceful && now >= quiet_until_) orders.adverts.push_back({group.id(), kPriorityLeaving});
}

bool Pair::serves_any() const {
  return std::any_of(groups_.begin(), groups_.end(), [](const OneGroup& each) { return serves(each.group.role()); });
}

}  // namespace tandem::ha
