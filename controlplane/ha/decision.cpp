// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/decision.h"

#include <algorithm>
#include <array>

namespace tandem::ha {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Cause::count_)> kCauseNames{
    "none",     "boot",    "peer_silent", "peer_unfit", "lan_silent", "peer_yields", "nobody_serves",
    "conflict", "unheard", "asked",       "preferred",  "leaving",    "not_taken",   "vrrp"};

constexpr Decision kStay{};

// The last node never gives up a group, and an unfit one keeps it while the other could not carry its connections on; unless
// what it has serves nobody any more.
bool may_displace(const Situation& now) { return now.fitness.ready && (now.we_are_in_step || !can_serve(now.peer_fitness)); }

Decision against_server(const Situation& now) {
  if (now.fitness <= now.peer_fitness || now.held || !may_displace(now)) return kStay;
  if (now.unsettled && now.better_for < kStubborn) return kStay;
  const bool by_itself = now.fitness.workers != now.peer_fitness.workers || now.fitness.links != now.peer_fitness.links ||
                         now.fitness.ready != now.peer_fitness.ready || now.fitness.reaches_backends != now.peer_fitness.reaches_backends;
  return {Act::take, by_itself ? Cause::peer_unfit : Cause::lan_silent};
}

// Who goes first takes at once; the other leaves it time to.
Decision without_server(const Situation& now) {
  const bool fitter = now.fitness > now.peer_fitness, equal = now.fitness == now.peer_fitness;
  const Nanoseconds patience = (fitter || equal) && now.first ? Nanoseconds{0} : (fitter || equal ? 2 : 4) * now.dead_time;
  return now.nobody_for >= patience ? Decision{Act::take, Cause::nobody_serves} : kStay;
}

Decision decide_standby(const Situation& now) {
  if (!now.may_take) return kStay;
  if (!now.peer_alive) return {Act::take, Cause::peer_silent};
  const bool offered = now.peer_role == Role::yielding || (now.peer_leaving && serves(now.peer_role));
  if (offered) return now.fitness.workers ? Decision{Act::take, Cause::peer_yields} : kStay;
  return serves(now.peer_role) ? against_server(now) : without_server(now);
}

Decision in_conflict(const Situation& now) {
  if (!now.peer_hears_us && now.conflict_for >= now.dead_time && can_serve(now.peer_fitness)) return {Act::give, Cause::unheard};
  const bool keeps = now.term == now.peer_term ? now.first : is_later(now.term, now.peer_term);
  return keeps ? kStay : Decision{Act::give, Cause::conflict};
}

// For comfort alone: nothing may be lost by it.
bool may_offer(const Situation& now) {
  return now.peer_fitness.ready && now.peer_in_step && now.pair_agrees && now.peer_fitness >= now.fitness;
}

Decision decide_active(const Situation& now) {
  if (!now.peer_alive) return kStay;
  if (now.peer_role == Role::active) return in_conflict(now);
  if (now.leaving) return now.peer_fitness.ready ? Decision{Act::yield, Cause::leaving} : kStay;
  if (now.asked && (now.forced || may_offer(now))) return {Act::yield, Cause::asked};
  if (now.peer_wants && !now.held && may_offer(now)) return {Act::yield, Cause::preferred};
  return kStay;
}

Decision decide_yielding(const Situation& now) {
  if (now.peer_alive && now.peer_role == Role::active) return {Act::give, Cause::peer_yields};
  if (!now.peer_alive) return {Act::resume, Cause::peer_silent};
  return now.in_role >= std::max<Nanoseconds>(kYieldAtMost, 4 * now.dead_time) ? Decision{Act::resume, Cause::not_taken} : kStay;
}

}  // namespace

std::string_view name_of(Cause cause) { return kCauseNames[static_cast<std::size_t>(cause)]; }

Decision decide(const Situation& now) {
  switch (now.role) {
    case Role::starting:
      return now.may_take ? Decision{Act::stand_by, Cause::boot} : kStay;
    case Role::standby:
      return decide_standby(now);
    case Role::active:
      return decide_active(now);
    case Role::yielding:
      return decide_yielding(now);
  }
  return kStay;
}

}  // namespace tandem::ha
