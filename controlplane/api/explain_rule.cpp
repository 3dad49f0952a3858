// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/explain_rule.h"

#include <cstdio>

namespace tandem {
namespace {

std::string turns(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f turns", value);
  return text;
}

std::string why_out(const api::Contender& contender) { return contender.backend + " is " + contender.state; }

std::string both_out(const api::Explanation& named) {
  const bool one = named.first.backend == named.second.backend || named.second.backend.empty();
  return one ? why_out(named.first) : why_out(named.first) + ", " + why_out(named.second);
}

// By turns: the first candidate, unless it is ahead of the second; neither, when the one chosen is too far above the mean.
std::string by_turns(const api::Explanation& named) {
  const api::Contender &first = named.first, &second = named.second, &chosen = named.chosen;
  if (chosen.backend == first.backend && !second.live && second.backend != first.backend && !second.backend.empty())
    return "first candidate; " + why_out(second);
  if (chosen.backend == first.backend) return "first candidate";
  if (chosen.backend == second.backend && !first.live) return "second candidate: " + why_out(first);
  if (chosen.backend == second.backend)
    return "second candidate: " + first.backend + " is " + turns(first.turns - second.turns) + " ahead of it";
  if (!first.live && !second.live) return "next that is below the mean: " + both_out(named);
  const api::Contender& further = first.live ? first : second;
  return "next that is below the mean: " + further.backend + " is " + turns(further.turns) + " above it";
}

std::string by_order(const api::Explanation& named) {
  if (named.chosen.backend == named.first.backend) return "first candidate";
  if (named.chosen.backend == named.second.backend) return "second candidate: " + why_out(named.first);
  return "next in order: " + both_out(named);
}

std::string by_load(const api::Explanation& named) {
  if (!named.first.live || !named.second.live) return by_order(named);
  const bool fewer = named.chosen.backend == named.second.backend;
  const api::Contender& other = fewer ? named.first : named.second;
  return std::string{fewer ? "second" : "first"} + " candidate: " + std::to_string(named.chosen.connections) + " connections, " +
         other.backend + " has " + std::to_string(other.connections);
}

std::string by_scheduler(const api::Explanation& named, SchedulerKind scheduler) {
  switch (scheduler) {
    case SchedulerKind::consistent_round_robin:
      return by_turns(named);
    case SchedulerKind::round_robin:
      return "next in the rotation";
    case SchedulerKind::least_connections:
      return by_load(named);
    case SchedulerKind::single_writer:
      return "the first that is in service";
    case SchedulerKind::maglev:
    case SchedulerKind::source_hash:
      break;
  }
  return by_order(named);
}

const char* why_untracked(const ExplainedFlow& flow) {
  if (!flow.failure) return "it may not open a connection";
  constexpr const char* kTexts[] = {"the table is full", "the table has no place for it", "half-open connections have their quota",
                                    "the client's port is taken", "no source port is free"};
  return kTexts[static_cast<std::size_t>(*flow.failure)];
}

// By the schedule of its time, which may be an older one than today's.
std::string in_mid_flow(const api::Explanation& named) {
  const bool todays = named.chosen.backend == named.first.backend || !named.first.live;
  return todays ? by_order(named) : "as the schedule before the last change had it";
}

std::string without_entry(const ExplainedFlow& flow, const api::Explanation& named, SchedulerKind scheduler) {
  switch (*flow.orphan) {
    case OrphanDecision::stateless_reply:
      return "a reply of this service alone: translated back without an entry";
    case OrphanDecision::adopted_by_reply:
      return "a reply of this service alone, without an entry: its connection is taken up";
    case OrphanDecision::adopted_first_candidate:
      return "met in mid-flow: " + in_mid_flow(named);
    case OrphanDecision::adopted_next_candidate:
      return "met in mid-flow, and refused by the one before";
    case OrphanDecision::flood_syn:
      return "not remembered, for there is a flood of SYNs: " + by_order(named);
    case OrphanDecision::one_packet:
      return "no connections are kept: " + by_scheduler(named, scheduler);
    case OrphanDecision::by_connection_id:
      return "by its connection id";
    case OrphanDecision::forwarded_untracked:
    case OrphanDecision::count_:
      break;
  }
  return std::string{"forwarded without an entry ("} + why_untracked(flow) + "): " + by_order(named);
}

}  // namespace

std::string rule_of(const ExplainedFlow& flow, const api::Explanation& named, SchedulerKind scheduler) {
  if (flow.to_peer) return "the other node decides";
  if (flow.orphan) return without_entry(flow, named, scheduler);
  if (!flow.decides) return flow.met && flow.backend == flow.met.backend ? "its entry" : "";
  if (flow.failure == InsertFailure::reply_key_taken)
    return "the client's port is taken at the one chosen first, by its connection to another VIP";
  const std::string rule = by_scheduler(named, scheduler);
  return named.lender == named.service ? rule : rule + "; lent by the fallback";
}

}  // namespace tandem
