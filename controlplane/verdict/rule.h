// SPDX-License-Identifier: Apache-2.0
// Which verdict on a backend holds, where two nodes check it: that of the node that serves its service's group. Both then schedule
// alike, and what the other node sees is advice. Pure.
#pragma once

#include <optional>

#include "controlplane/verdict/sight.h"

namespace tandem::verdict {

// peer: it serves the group, and has told its verdicts. self: whatever else is the case, so also while the peer is not heard.
enum class Decider : std::uint8_t { self, peer };

struct Evidence {
  Decider decider = Decider::self;
  Verdict held = Verdict::unknown;  // until now
  Sight own = Sight::unknown;
  bool confirmed = true;        // own checks have said so often enough since it is this node that decides
  std::optional<Verdict> told;  // by the peer; none: it does not know this backend
  bool stays = false;           // it fails here alone, with most of its service: this node is at fault (cut_off.h)
};

// On a take-over the last known verdict holds until own checks confirm theirs: a node must not empty a service that it has only
// just begun to look after.
Verdict holding(const Evidence& seen);

// Counts the results that confirm a verdict after a take-over: as many as a change of state takes anyway.
class Confirmation {
 public:
  void ask() { asked_ = true, agreed_ = 0; }
  void result(bool agrees, unsigned needed) {
    agreed_ = agrees ? agreed_ + 1 : 0;
    if (agreed_ >= needed) asked_ = false;
  }
  bool confirmed() const { return !asked_; }

 private:
  bool asked_ = false;
  unsigned agreed_ = 0;
};

}  // namespace tandem::verdict
