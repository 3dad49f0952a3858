// SPDX-License-Identifier: Apache-2.0
// How the pair judges: by hellos, where the decision table is asked, or by RFC 9568 alone.
#include <algorithm>

#include "controlplane/ha/pair.h"

namespace tandem::ha {
namespace {

constexpr int kListenAtMost = 6;
constexpr std::chrono::seconds kSound{2};  // so long all must have been in order before a group is moved for comfort
constexpr int kLinkPenalty = 100;

}  // namespace

bool Pair::by_vrrp_alone(const Local& local, Instant now) const {
  if (plan_.mode == config::HaMode::vrrp || !plan_.has_key) return true;
  return local.keys_disagree && !peer_alive(now);
}

// Who has just booted, with empty tables, takes nothing while the other is seen to serve, be it only by VRRP; but not for ever,
// because anybody can send that.
bool Pair::may_take(const OneGroup& each, Instant now) const {
  if (!own_.ready || now < greets_until_) return false;
  if (paths_.ever_heard()) return true;
  if (now < listens_until_) return false;  // the other may have come while we slept
  const Nanoseconds since_boot = now - boot_;
  return since_boot >= plan_.start_delay && (!each.election.hears_other(now) || since_boot >= kListenAtMost * plan_.start_delay);
}

bool Pair::wants_back(const Group& group, Instant now) const {
  if (!group.plan().preferred || !plan_.preempt || group.role() != Role::standby || group.sent_away() || leaving_ ||
      now - group.since() < kSound)
    return false;
  if (!own_.ready || !peer_ || !peer_->in_step || hold_down_.active(now) || !pair_agrees(now)) return false;
  return std::all_of(group.plan().lans.begin(), group.plan().lans.end(),
                     [&](std::size_t lan) { return lans_[lan].sound.for_how_long(now) >= kSound; });
}

bool Pair::pair_agrees(Instant now) const {
  if (!peer_ || !peer_alive(now)) return false;
  const bool sync = !plan_.has_sync_path || (paths_.alive(kSyncPath, now, dead_time()) && peer_->hears_on_sync);
  return sync && peer_->pair_digest == own_.pair_digest && peer_->schedule_digest == own_.schedule_digest;
}

std::vector<LanInQuestion> Pair::lans_in_question(const Group& group, Instant now) const {
  std::vector<LanInQuestion> out;
  for (const std::size_t lan : group.plan().lans)
    out.push_back({name_key(plan_.lans[lan].name), lans_[lan].silent.for_how_long(now) >= 2 * dead_time()});
  return out;
}

Situation Pair::situation_of(const OneGroup& each, Instant now) const {
  const Group& group = each.group;
  Situation out;
  out.may_take = may_take(each, now), out.dead_time = dead_time(), out.leaving = leaving_;
  out.unsettled = hold_down_.active(now), out.peer_in_step = own_.in_step;
  const std::vector<LanInQuestion> lans = lans_in_question(group, now);
  out.fitness = fitness_of(own_, group.key(), lans);
  out.held = held(now);
  out.peer_alive = peer_ && peer_alive(now);
  if (!out.peer_alive) return out;
  out.held = out.held || peer_->held;
  out.peer_hears_us = peer_->hears_anywhere(), out.we_are_in_step = peer_->in_step, out.peer_leaving = peer_->leaving;
  out.pair_agrees = pair_agrees(now);
  out.peer_fitness = fitness_of(*peer_, group.key(), lans);
  if (const GroupReport* theirs = peer_->group(group.key()))
    out.first = group.plan().preferred || (!theirs->preferred && own_.boot < peer_->boot), out.peer_role = theirs->role,
    out.peer_term = theirs->term, out.peer_wants = theirs->wants;
  return out;
}

Decision Pair::by_hellos(OneGroup& each, Instant now) {
  const Situation situation = situation_of(each, now);
  const bool conflict = situation.peer_alive && each.group.role() == Role::active && situation.peer_role == Role::active;
  // Who took it because he is the fitter contradicts nobody.
  if (conflict && !each.in_conflict && situation.fitness >= situation.peer_fitness) ++each.conflicts;
  each.in_conflict = conflict;
  const Decision done = each.group.step(situation, now);
  const bool keeps = done.act == Act::stay && situation.peer_alive && each.group.role() == Role::active;
  if (keeps && !is_later(each.group.term(), situation.peer_term)) each.group.raise_term();
  if (done.act == Act::give && done.cause == Cause::conflict && situation.fitness < situation.peer_fitness) hold_down_.begin(now);
  return done;
}

Election::Own Pair::own_claim(GroupId group, const Local& local) const {
  Election::Own own{priority(group, local), vrrp_interval(), plan_.preempt, {}, {}};
  for (const std::size_t lan : plan_.groups[index(group)].lans) {
    own.link_up.push_back(local.has_link(lan));
    if (lan >= local.lans.size()) continue;
    const std::vector<IpAddress>& there = local.lans[lan].own;
    own.addresses.insert(own.addresses.end(), there.begin(), there.end());
  }
  return own;
}

std::uint8_t Pair::priority(GroupId group, const Local& local) const {
  const GroupPlan& plan = plan_.groups[index(group)];
  int value = plan.preferred ? kPriorityPreferred : kPriorityOther;
  for (const std::size_t lan : plan.lans)
    if (!local.has_link(lan)) value -= kLinkPenalty;
  if (index(group) < local.penalties.size()) value -= local.penalties[index(group)];
  return static_cast<std::uint8_t>(std::clamp(value, 1, 254));
}

Decision Pair::by_election(OneGroup& each, const Local& local, Instant now) {
  const Role role = each.group.role();
  if (leaving_) return serves(role) ? Decision{Act::give, Cause::leaving} : Decision{};  // RFC 9568 6.4.3, shutdown
  return local.ready ? each.election.decide(role, each.claim, now) : Decision{};
}

}  // namespace tandem::ha
