// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/pair.h"

#include <algorithm>

namespace tandem::ha {
namespace {

constexpr int kDeadIntervals = 3, kLongestPeerIntervals = 4, kListenAtMost = 6;
constexpr std::chrono::seconds kSound{2};  // so long all must have been in order before a group is moved for comfort
// Who slept for so long may meet a peer that started anew, and understands it only with new keys: its INIT goes out every 100 ms, and
// three messages follow.
constexpr std::chrono::milliseconds kStartsAnew{500}, kNewKeys{200};
constexpr int kLinkPenalty = 100;
constexpr std::size_t kFastGroups = 4;
constexpr std::chrono::milliseconds kSlowVrrp{200};

}  // namespace

Pair::Pair(Plan plan, std::uint64_t boot, Instant now) : boot_{now} {
  own_.boot = boot;
  configure(std::move(plan), now);
}

void Pair::configure(Plan plan, Instant now) {
  std::vector<Group> kept;
  std::vector<std::uint64_t> conflicts;
  for (const GroupPlan& wanted : plan.groups) {
    const auto old = std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) { return group.plan().name == wanted.name; });
    kept.push_back(old == groups_.end() ? Group{wanted} : *old);
    kept.back().configure(wanted);
    conflicts.push_back(old == groups_.end() ? 0 : conflicts_[static_cast<std::size_t>(old - groups_.begin())]);
  }
  if (plan.lans != plan_.lans || paths_.size() != plan.lans.size() + 1) paths_ = Paths{plan.lans.size() + 1};
  groups_ = std::move(kept), conflicts_ = std::move(conflicts), plan_ = std::move(plan);
  elections_.assign(groups_.size(), {});
  last_claims_.assign(groups_.size(), {kPriorityOther, plan_.interval, plan_.preempt, {}, {}});
  for (std::size_t g = 0; g < groups_.size(); ++g) elections_[g].begin(plan_.groups[g].lans.size(), now);
  announces_.assign(groups_.size(), {}), vrrp_rhythms_.assign(groups_.size(), {}), in_conflict_.assign(groups_.size(), false);
  for (std::size_t g = 0; g < groups_.size(); ++g)
    if (serves(groups_[g].role())) announces_[g].begin();  // its addresses may be others now
  silent_lans_.assign(plan_.lans.size(), {}), sound_lans_.assign(plan_.lans.size(), {});
  hello_rhythm_.at_once();
}

// Of the other's interval, as far as we believe it, and ours the longer: who sends slowly is not dead.
Nanoseconds Pair::dead_time() const {
  const std::chrono::milliseconds theirs = peer_ ? std::min(peer_->interval, kLongestPeerIntervals * plan_.interval) : plan_.interval;
  return kDeadIntervals * std::max(plan_.interval, theirs);
}

void Pair::hear_hello(std::size_t path, const Hello& hello, Instant now) {
  if (path >= paths_.size()) return;
  // By several paths the same hello comes several times, and the slower path's is older news.
  const bool newer = !peer_ || hello.boot != peer_->boot || hello.number >= peer_->number;
  paths_.heard(path, now);
  greets_until_ = now;
  if (!newer) return;
  peer_ = hello;
  for (Group& group : groups_)
    if (const GroupReport* report = hello.group(group.key())) group.hear_term(report->term);
}

bool Pair::hear_advert(std::size_t group, std::size_t lan_of_group, const Advert& advert, const IpAddress& from, bool from_peer,
                       Instant now) {
  if (group >= groups_.size()) return false;
  const bool paired = plan_.mode == config::HaMode::pair && plan_.has_key;
  if (paired && !from_peer) return true;
  elections_[group].heard({lan_of_group, advert.priority, advert.interval, from}, last_claims_[group], now);
  if (advert.priority == kPriorityLeaving) vrrp_rhythms_[group].at_once();  // RFC 9568 6.4.3: who serves answers at once
  return false;
}

bool Pair::by_vrrp_alone(const Local& local, Instant now) const {
  if (plan_.mode == config::HaMode::vrrp || !plan_.has_key) return true;
  return local.keys_disagree && !peer_alive(now);
}

Orders Pair::tick(const Local& local, Instant now) {
  Orders orders;
  notice_gap(orders, now);
  update_silence(local, now);
  report_self(local, now);
  for (std::size_t g = 0; g < groups_.size(); ++g) step(g, local, orders, now);
  report_groups(now);
  orders.roles = roles(now);
  order_sending(local, orders, now);
  last_tick_ = now;
  return orders;
}

// Who slept cannot judge silence, and must not speak up with what may be an old claim before he has listened.
void Pair::notice_gap(Orders& orders, Instant now) {
  if (!last_tick_ || now - *last_tick_ <= dead_time() / 2) return;
  orders.woke = true;
  const Nanoseconds slept = now - *last_tick_;
  boot_ = boot_ + slept;  // asleep it has not listened either
  paths_.restart(now);
  for (Group& group : groups_) group.restart_timers(now);
  for (Election& election : elections_) election.restart(now);
  for (Lasting& each : silent_lans_) each.restart(now);
  quiet_until_ = now + plan_.interval, listens_until_ = now + dead_time();
  if (slept >= kStartsAnew) greets_until_ = listens_until_ + kNewKeys;
}

void Pair::update_silence(const Local& local, Instant now) {
  const bool alive = peer_alive(now);
  for (std::size_t i = 0; i < plan_.lans.size(); ++i) {
    const bool hears = paths_.alive(path_of_lan(i), now, dead_time());
    const LanReport* theirs = peer_ ? peer_->lan(name_key(plan_.lans[i].name)) : nullptr;
    const bool both = hears && theirs != nullptr && theirs->hears;
    silent_lans_[i].update(alive && plan_.lans[i].has_peer && !both, now);
    sound_lans_[i].update(i < local.lans.size() && local.lans[i].link && (hears || !plan_.lans[i].has_peer), now);
  }
}

void Pair::report_self(const Local& local, Instant now) {
  own_.interval = plan_.interval;
  own_.ready = local.ready, own_.in_step = local.peer_has_all, own_.leaving = leaving_;
  own_.held = held(now), own_.unsettled = hold_down_.active(now);
  own_.hears_on_sync = paths_.alive(kSyncPath, now, dead_time());
  own_.stalled_workers = now < quiet_until_ ? 0 : local.stalled_workers;  // they woke when we did, and have not had their turn yet
  cut_off_ = local.cut_off;
  own_.pair_digest = local.pair_digest, own_.schedule_digest = local.schedule_digest;
  own_.lans.clear();
  for (std::size_t i = 0; i < plan_.lans.size(); ++i) {
    const Local::Lan seen = i < local.lans.size() ? local.lans[i] : Local::Lan{false, false};
    own_.lans.push_back({name_key(plan_.lans[i].name), seen.link, paths_.alive(path_of_lan(i), now, dead_time()), seen.witness});
  }
}

void Pair::report_groups(Instant now) {
  own_.groups.clear();
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    own_.groups.push_back(
        {group.key(), group.role(), wants_back(group, now), group.plan().preferred, group.term(), (cut_off_ >> g & 1) != 0});
  }
}

bool Pair::wants_back(const Group& group, Instant now) const {
  if (!group.plan().preferred || !plan_.preempt || group.role() != Role::standby || group.sent_away() || leaving_ ||
      now - group.since() < kSound)
    return false;
  if (!own_.ready || !peer_ || !peer_->in_step || hold_down_.active(now) || !pair_agrees(now)) return false;
  return std::all_of(group.plan().lans.begin(), group.plan().lans.end(),
                     [&](std::size_t lan) { return sound_lans_[lan].for_how_long(now) >= kSound; });
}

// Who has just booted, with empty tables, takes nothing while the other is seen to serve, be it only by VRRP; but not for ever,
// because anybody can send that.
bool Pair::may_take(std::size_t group, Instant now) const {
  if (!own_.ready || now < greets_until_) return false;
  if (paths_.ever_heard()) return true;
  if (now < listens_until_) return false;  // the other may have come while we slept
  const Nanoseconds since_boot = now - boot_;
  return since_boot >= plan_.start_delay && (!elections_[group].hears_other(now) || since_boot >= kListenAtMost * plan_.start_delay);
}

bool Pair::pair_agrees(Instant now) const {
  if (!peer_ || !peer_alive(now)) return false;
  const bool sync = !plan_.has_sync_path || (paths_.alive(kSyncPath, now, dead_time()) && peer_->hears_on_sync);
  return sync && peer_->pair_digest == own_.pair_digest && peer_->schedule_digest == own_.schedule_digest;
}

Situation Pair::situation_of(std::size_t index, Instant now) const {
  const Group& group = groups_[index];
  Situation out;
  out.may_take = may_take(index, now), out.dead_time = dead_time(), out.leaving = leaving_;
  out.unsettled = hold_down_.active(now), out.peer_in_step = own_.in_step;
  std::vector<LanInQuestion> lans;
  for (const std::size_t lan : group.plan().lans)
    lans.push_back({name_key(plan_.lans[lan].name), silent_lans_[lan].for_how_long(now) >= 2 * dead_time()});
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

Election::Own Pair::own_claim(std::size_t group, const Local& local) const {
  Election::Own own{priority(group, local), vrrp_interval(), plan_.preempt, {}, {}};
  for (const std::size_t lan : plan_.groups[group].lans) {
    own.link_up.push_back(lan < local.lans.size() && local.lans[lan].link);
    if (lan < local.own.size()) own.addresses.insert(own.addresses.end(), local.own[lan].begin(), local.own[lan].end());
  }
  return own;
}

std::uint8_t Pair::priority(std::size_t group, const Local& local) const {
  int value = groups_[group].plan().preferred ? kPriorityPreferred : kPriorityOther;
  for (const std::size_t lan : plan_.groups[group].lans)
    if (lan >= local.lans.size() || !local.lans[lan].link) value -= kLinkPenalty;
  if (group < local.penalties.size()) value -= local.penalties[group];
  return static_cast<std::uint8_t>(std::clamp(value, 1, 254));
}

Decision Pair::by_election(std::size_t group, const Local& local, Instant now) {
  const Role role = groups_[group].role();
  if (leaving_) return serves(role) ? Decision{Act::give, Cause::leaving} : Decision{};  // RFC 9568 6.4.3, shutdown
  return local.ready ? elections_[group].decide(role, last_claims_[group], now) : Decision{};
}

void Pair::step(std::size_t group, const Local& local, Orders& orders, Instant now) {
  Group& each = groups_[group];
  const Role before = each.role();
  last_claims_[group] = own_claim(group, local);
  if (by_vrrp_alone(local, now)) {
    record(group, before, each.follow(by_election(group, local, now), now), orders, now);
    return;
  }
  const Situation situation = situation_of(group, now);
  const bool conflict = situation.peer_alive && before == Role::active && situation.peer_role == Role::active;
  // Who took it because he is the fitter contradicts nobody.
  if (conflict && !in_conflict_[group] && situation.fitness >= situation.peer_fitness) ++conflicts_[group];
  in_conflict_[group] = conflict;
  const Decision done = each.step(situation, now);
  const bool keeps = done.act == Act::stay && situation.peer_alive && each.role() == Role::active;
  if (keeps && !is_later(each.term(), situation.peer_term)) each.raise_term();
  if (done.act == Act::give && done.cause == Cause::conflict && situation.fitness < situation.peer_fitness) hold_down_.begin(now);
  record(group, before, done, orders, now);
}

void Pair::record(std::size_t group, Role before, const Decision& done, Orders& orders, Instant now) {
  if (done.act == Act::stay) return;
  const Group& each = groups_[group];
  orders.changes.push_back({group, before, each.role(), done.cause, each.term()});
  hello_rhythm_.at_once();
  if (done.act == Act::take) announces_[group].begin(), vrrp_rhythms_[group].at_once();
  // The later term has it, and tells the LAN again, because our frames may have taught a switch the wrong way meanwhile.
  if (done.act != Act::give) return;
  announces_[group].end();
  // Who gives way to a better claim leaves nothing: RFC 9568 keeps priority 0 for who leaves, and a third router would believe it.
  const bool graceful = done.cause != Cause::conflict && done.cause != Cause::unheard && done.cause != Cause::vrrp;
  if (graceful && now >= quiet_until_) orders.adverts.push_back({group, kPriorityLeaving});
}

std::chrono::milliseconds Pair::vrrp_interval() const {
  return groups_.size() > kFastGroups ? std::max(plan_.interval, kSlowVrrp) : plan_.interval;
}

void Pair::order_sending(const Local& local, Orders& orders, Instant now) {
  orders.hello = hello_rhythm_.due(now, plan_.interval);
  if (orders.hello) ++own_.number;
  const bool any_silent = std::any_of(silent_lans_.begin(), silent_lans_.end(), [](const Lasting& lan) { return lan.is_so(); });
  if (any_silent && probe_rhythm_.due(now, plan_.interval))
    for (std::size_t i = 0; i < silent_lans_.size(); ++i)
      if (silent_lans_[i].is_so()) orders.probes.push_back(i);
  if (now < quiet_until_) return;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (!serves(groups_[g].role())) continue;
    if (vrrp_rhythms_[g].due(now, vrrp_interval())) orders.adverts.push_back({g, priority(g, local)});
    if (announces_[g].due(now)) orders.announce.push_back(g);
  }
}

Roles Pair::roles(Instant now) const {
  Roles out;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const std::uint32_t bit = 1U << g;
    if (serves(groups_[g].role())) out.active |= bit;
    if (groups_[g].receives(now)) out.receives |= bit;
    const GroupReport* theirs = peer_ && peer_alive(now) ? peer_->group(groups_[g].key()) : nullptr;
    if (theirs == nullptr) continue;
    if (serves(groups_[g].role()) ? groups_[g].is_moving(now) : serves(theirs->role)) out.on_peer |= bit;
  }
  return out;
}

bool Pair::serves_any() const {
  return std::any_of(groups_.begin(), groups_.end(), [](const Group& group) { return serves(group.role()); });
}

}  // namespace tandem::ha
