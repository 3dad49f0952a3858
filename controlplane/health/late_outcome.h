// SPDX-License-Identifier: Apache-2.0
// A check that could not even begin: its outcome is known, but comes from the loop like every other.
#pragma once

#include <utility>

#include "controlplane/health/check.h"
#include "controlplane/loop/loop.h"

namespace tandem::health {

class LateOutcome final : public Attempt {
 public:
  LateOutcome(Loop& loop, Outcome outcome, Done done)
      : timer_{loop.after(Nanoseconds{}, [outcome = std::move(outcome), done = std::move(done)] { done(outcome); })} {}

 private:
  Loop::Handle timer_;
};

}  // namespace tandem::health
