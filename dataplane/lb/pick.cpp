// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lb/pick.h"

namespace tandem {
namespace {

bool beyond(TurnTime time, TurnTime of, TurnTime lead) noexcept { return ahead(time, of) > static_cast<std::int64_t>(lead); }

// The first live member, from the shared cursor on, that has had no more than the mean. There is one, but for rounding and
// for what other workers have just added: then the lowest of all. Everyone passed over stays above the mean until the
// mean has risen, and a member is returned to until it has caught up, so searches are short on average.
Choice below_mean(const ServiceTurns& turns, const LiveSet& live) noexcept {
  const TurnTime mean = turns.mean();
  MemberIndex at = live.next(turns.spill()), lowest = at;
  for (std::size_t i = 0; i < live.count(); ++i, at = live.next(std::size_t{at} + 1)) {
    if (!beyond(turns.time(at), mean, 0)) return {.member = at, .spilled = true};
    if (beyond(turns.time(lowest), turns.time(at), 0)) lowest = at;
  }
  return {.member = lowest, .spilled = true, .all_ahead = true};
}

MemberIndex by_turn(const Candidates& flow, const Schedule& schedule, const ServiceTurns& turns, const LiveSet& live) noexcept {
  if (!live.contains(flow.first)) return live.contains(flow.second) ? flow.second : kNoMember;
  if (!live.contains(flow.second)) return flow.first;
  return beyond(turns.time(flow.first), turns.time(flow.second), schedule.options().threshold) ? flow.second : flow.first;
}

Choice consistent(const Schedule& schedule, const ServiceTurns& turns, const LiveSet& live, std::uint64_t flow_hash) noexcept {
  const Candidates flow = schedule.candidates(flow_hash);
  const MemberIndex chosen = by_turn(flow, schedule, turns, live);
  if (chosen != kNoMember && !beyond(turns.time(chosen), turns.mean(), schedule.options().cap)) return {chosen, chosen != flow.first};
  Choice other = below_mean(turns, live);
  other.exception = other.member != flow.first;
  return other;
}

Choice at_place(std::uint64_t place, const Schedule& schedule, std::uint64_t flow_hash) noexcept {
  const MemberIndex member = schedule.rotation()[place % schedule.rotation().size()];
  return {member, member != schedule.candidates(flow_hash).first};
}

// A member in slow start serves one round in scale / kFullShare, by the count of rounds. Rounds are counted from elsewhere for each
// member, so that those who came up together do not all stand aside in the same one: of the small numbers, 7 keeps any number of
// members apart for the longest period, 16, and for those on the way to it.
constexpr std::uint64_t kApart = 7;

bool stands_aside(std::uint64_t place, const Schedule& schedule, const ServiceTurns& turns) noexcept {
  const std::size_t length = schedule.rotation().size();
  const MemberIndex member = schedule.rotation()[place % length];
  const std::uint32_t scale = turns.scale(member);
  if (scale == kFullShare) return false;
  const std::uint64_t round = place / length + member * kApart;
  return (round + 1) * kFullShare / scale == round * kFullShare / scale;
}

// Four times as many as the rounds that the least share lets pass. Are more passed over, all who live are in slow start: then turns go
// on as if none were.
constexpr std::size_t kPassedOverMost = 4 * kSlowStartMost / kFullShare;

std::uint64_t next_place(std::uint64_t place, const Schedule& schedule, const ServiceTurns& turns, const LiveSet& live) noexcept {
  const auto live_from = [&](std::uint64_t from) { return from + live.gap(from % schedule.rotation().size()); };
  const std::uint64_t first = live_from(place);
  std::uint64_t next = first;
  for (std::size_t i = 0; i < kPassedOverMost; ++i, next = live_from(next + 1))
    if (!stands_aside(next, schedule, turns)) return next;
  return first;
}

// Places of members that are not live, or stand aside, are consumed with the one that follows them: were they served by it instead,
// it would get twice its share.
Choice take_turn(const Schedule& schedule, ServiceTurns& turns, const LiveSet& live, std::uint64_t flow_hash) noexcept {
  std::uint64_t place = turns.rotation().load(std::memory_order_relaxed), taken;
  do taken = next_place(place, schedule, turns, live);
  while (!turns.rotation().compare_exchange_weak(place, taken + 1, std::memory_order_relaxed));
  return at_place(taken, schedule, flow_hash);
}

}  // namespace

Choice peek(const Schedule& schedule, const ServiceTurns& turns, const LiveSet& live, std::uint64_t flow_hash) noexcept {
  if (live.count() == 0) return {};
  switch (schedule.options().kind) {
    case SchedulerKind::consistent_round_robin:
      return consistent(schedule, turns, live, flow_hash);
    case SchedulerKind::round_robin:
      return at_place(next_place(turns.rotation(), schedule, turns, live), schedule, flow_hash);
    case SchedulerKind::maglev:
    case SchedulerKind::least_connections:
    case SchedulerKind::source_hash:
      return first_live_candidate(schedule, live, flow_hash);
    case SchedulerKind::single_writer:
      return {live.next(0), live.next(0) != schedule.candidates(flow_hash).first};
  }
  return {};
}

void count(const Schedule& schedule, ServiceTurns& turns, const LiveSet& live, const Choice& choice) noexcept {
  if (!choice || schedule.options().kind != SchedulerKind::consistent_round_robin) return;
  if (choice.spilled) turns.set_spill(choice.member);
  if (choice.all_ahead) turns.lift_mean(turns.time(choice.member));
  turns.advance(choice.member, schedule.step_of(choice.member), live.mean_step());
}

Choice pick(const Schedule& schedule, ServiceTurns& turns, const LiveSet& live, std::uint64_t flow_hash) noexcept {
  if (schedule.options().kind == SchedulerKind::round_robin && live.count() > 0) return take_turn(schedule, turns, live, flow_hash);
  const Choice choice = peek(schedule, turns, live, flow_hash);
  count(schedule, turns, live, choice);
  return choice;
}

Choice first_live_candidate(const Schedule& schedule, const LiveSet& live, std::uint64_t flow_hash) noexcept {
  if (live.count() == 0) return {};
  const auto [first, second] = schedule.candidates(flow_hash);
  if (live.contains(first)) return {first, false};
  if (live.contains(second)) return {second, true};
  return {live.next(first), true, true};
}

}  // namespace tandem
