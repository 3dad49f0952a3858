// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/group.h"

#include <utility>

namespace tandem::ha {

Decision Group::step(Situation situation, Instant now) {
  situation.role = role_, situation.term = term_;
  situation.asked = asked_, situation.forced = forced_;
  situation.in_role = now - since_;
  better_.update(situation.peer_alive && situation.fitness > situation.peer_fitness, now);
  nobody_.update(situation.peer_alive && !serves(situation.peer_role) && !serves(role_), now);
  conflict_.update(situation.peer_alive && situation.peer_role == Role::active && role_ == Role::active, now);
  situation.better_for = better_.for_how_long(now);
  situation.nobody_for = nobody_.for_how_long(now);
  situation.conflict_for = conflict_.for_how_long(now);
  return follow(decide(situation), now);
}

Decision Group::follow(const Decision& decision, Instant now) {
  Decision done = decision;
  switch (decision.act) {
    case Act::stay:
      break;
    case Act::stand_by:
      become(Role::standby, decision.cause, now);
      break;
    case Act::take:
      term_ = highest_term_ = static_cast<std::uint16_t>(highest_term_ + 1);
      become(Role::active, decision.cause, now), sent_away_ = false;
      break;
    case Act::yield:
      yield_cause_ = decision.cause;
      become(Role::yielding, decision.cause, now);
      break;
    case Act::resume:
      become(Role::active, decision.cause, now);
      withdraw();
      break;
    case Act::give:
      if (role_ == Role::yielding) done.cause = yield_cause_;
      strays_until_ = now + kStrays, sent_away_ = done.cause == Cause::asked;
      become(Role::standby, done.cause, now);
      withdraw();
      break;
  }
  return done;
}

void Group::become(Role role, Cause cause, Instant now) {
  role_ = role, last_cause_ = cause, since_ = now;
  if (role == Role::active) strays_until_.reset();
}

}  // namespace tandem::ha
