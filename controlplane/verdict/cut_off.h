// SPDX-License-Identifier: Apache-2.0
// A node that sees most backends of a service fail while its peer sees them up is at fault itself: its cable, its switch, its
// route. The backends stay, and the node says that it is unfit, so that the peer takes the group. Pure.
#pragma once

#include <span>

#include "common/base/clock.h"
#include "controlplane/verdict/sight.h"

namespace tandem::verdict {

struct TwoSights {
  Sight own = Sight::unknown, peer = Sight::unknown;
};

constexpr bool fails_here_alone(const TwoSights& seen) {
  return (seen.own == Sight::failing || seen.own == Sight::down) && seen.peer == Sight::up;
}

// Two at least: of a single server it cannot be told who is at fault.
bool most_fail_here_alone(std::span<const TwoSights> backends);

// One service. `patience`: within it the peer would have seen a backend fail that fails for both.
class CutOff {
 public:
  void update(bool most_fail, Nanoseconds patience, Instant now);

  bool is_so() const { return patient_; }  // the node is unfit for the service's group
  // Verdicts of backends that fail here alone are not believed; but not for ever: where the peer does not take the group, because
  // an operator holds it or not all connections are with it, those that answer us serve better than those that do not.
  bool backends_stay() const { return suspected_ && !late_; }
  bool suspected() const { return suspected_; }  // time alone may change the two above

 private:
  static constexpr std::chrono::seconds kMoved{5};  // within it a peer that can take the group has
  bool suspected_ = false, patient_ = false, late_ = false;
  Instant since_;
};

}  // namespace tandem::verdict
