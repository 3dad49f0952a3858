// SPDX-License-Identifier: Apache-2.0
// One group on one node: its role, its term, and since when what is so. It asks the decision table at every tick and becomes what
// that says. Pure: time and all it knows of the other node are handed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/base/ids.h"
#include "controlplane/ha/decision.h"
#include "controlplane/ha/election.h"
#include "controlplane/ha/paths.h"
#include "controlplane/ha/plan.h"

namespace tandem::ha {

class Group {
 public:
  // So long we still take frames to a group's MAC after we gave it up: switches and hosts need a moment to learn.
  static constexpr std::chrono::milliseconds kStrays{1000};

  Group(GroupId id, GroupPlan plan) : id_{id}, plan_{std::move(plan)}, key_{name_key(plan_.name)} {}

  GroupId id() const { return id_; }
  const GroupPlan& plan() const { return plan_; }
  void configure(GroupId id, GroupPlan plan) { id_ = id, plan_ = std::move(plan); }
  NameKey key() const { return key_; }
  Role role() const { return role_; }
  std::uint16_t term() const { return term_; }
  std::uint16_t highest_term() const { return highest_term_; }
  Cause last_cause() const { return last_cause_; }
  Instant since() const { return since_; }
  bool receives(Instant now) const { return serves(role_) || (strays_until_ && now < *strays_until_); }

  // On its way between two nodes that live: each may get answers to what the other forwarded.
  bool is_moving(Instant now) const {
    return role_ == Role::yielding || (role_ == Role::active && last_cause_ == Cause::peer_yields && now - since_ < kStrays);
  }

  // The largest term ever heard counts: ours is one more at the next take-over.
  void hear_term(std::uint16_t term) {
    if (is_later(term, highest_term_)) highest_term_ = term;
  }
  // We have it, and the other had it by the same term or a later one: what we open from here on counts for more than what he did.
  void raise_term() { term_ = highest_term_ = static_cast<std::uint16_t>(highest_term_ + 1); }
  void ask(bool forced) { asked_ = true, forced_ = forced; }  // planned failover, until it was done or refused
  void withdraw() { asked_ = forced_ = false; }
  bool asked() const { return asked_; }
  bool sent_away() const { return sent_away_; }  // by an operator: preference does not bring it back
  void restart_timers(Instant now) { better_.restart(now), nobody_.restart(now), conflict_.restart(now); }

  // Fills in what the group itself knows, decides, and becomes. What was done is returned.
  Decision step(Situation situation, Instant now);
  Decision follow(const Decision& decision, Instant now);  // decided by RFC 9568

 private:
  void become(Role role, Cause cause, Instant now);

  GroupId id_;
  GroupPlan plan_;
  NameKey key_;
  Role role_ = Role::starting;
  std::uint16_t term_ = 0, highest_term_ = 0;
  Cause last_cause_ = Cause::boot, yield_cause_ = Cause::none;
  Instant since_;
  std::optional<Instant> strays_until_;
  bool asked_ = false, forced_ = false, sent_away_ = false;
  Lasting better_, nobody_, conflict_;
};

}  // namespace tandem::ha
