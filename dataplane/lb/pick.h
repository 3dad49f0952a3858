// SPDX-License-Identifier: Apache-2.0
// Gives a new connection its member. consistent-round-robin: the first candidate, unless it is ahead of the second; power
// of two choices (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001) over consistent candidates.
// least-connections: the same two, judged by how many connections each has. maglev and source-hash: the first one that is live.
// Threads: any worker, at once with others; nothing is locked, and two that choose at the same moment may choose alike.
// The schedule, its live set and its turns belong together: they come from one generation.
#pragma once

#include <cstdint>

#include "dataplane/lb/live_set.h"
#include "dataplane/lb/schedule.h"
#include "dataplane/lb/turns.h"

namespace tandem {

struct Choice {
  MemberIndex member = kNoMember;
  bool exception = false;  // not the flow's first candidate, so the schedule alone would not choose it again
  bool spilled = false;    // neither candidate would do
  bool all_ahead = false;  // nor was anybody below the mean

  explicit operator bool() const noexcept { return member != kNoMember; }
};

// What pick would choose now; touches nothing (`explain`). flow_hash: schedule_hash(), for source_hash the client's alone.
Choice peek(const Schedule& schedule, const ServiceTurns& turns, const LiveSet& live, std::uint64_t flow_hash) noexcept;

// Writes down a choice that peek made. Not for round_robin, where to choose is to take.
void count(const Schedule& schedule, ServiceTurns& turns, const LiveSet& live, const Choice& choice) noexcept;

// Chooses and counts. No member when none is live. The kinds without turns count nothing. least_connections knows no loads
// here and takes the first live candidate; pick_by_load is the real one.
Choice pick(const Schedule& schedule, ServiceTurns& turns, const LiveSet& live, std::uint64_t flow_hash) noexcept;

// For flows that are not tracked: candidates in order, then the next live member. No turns, so both nodes agree.
Choice first_live_candidate(const Schedule& schedule, const LiveSet& live, std::uint64_t flow_hash) noexcept;

// Of two live candidates the one with fewer connections per weight, the first when equal: nothing shared is written, and at
// rest the schedule alone would choose the same again. In slow start a weight is divided by the scale (turns.h), so a load counts
// as many times. load(member) gives how many it has.
template <typename Load>
Choice pick_by_load(const Schedule& schedule, const ServiceTurns& turns, const LiveSet& live, std::uint64_t flow_hash,
                    const Load& load) noexcept {
  const auto [first, second] = schedule.candidates(flow_hash);
  if (live.count() == 0 || !live.contains(first) || !live.contains(second)) return first_live_candidate(schedule, live, flow_hash);
  const auto scaled = [&](MemberIndex member) { return std::uint64_t{load(member)} * turns.scale(member); };
  const auto members = schedule.members();
  const bool fuller = scaled(first) * members[second].weight > scaled(second) * members[first].weight;
  return {fuller ? second : first, fuller};
}

}  // namespace tandem
