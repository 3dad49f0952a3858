// SPDX-License-Identifier: Apache-2.0
// A backend that came up begins with a small share, which grows in a straight line for as long as its service says. The scale
// (lb/turns.h) is an atomic that outlives generations: bringing it up to date publishes nothing.
// Threads: one control thread.
#pragma once

#include <chrono>
#include <optional>

#include "common/base/clock.h"
#include "dataplane/lb/turns.h"

namespace tandem::config {

class SlowStart {
 public:
  std::uint32_t scale() const { return scale_; }
  bool running() const { return scale_ != kFullShare; }

  void begin() { scale_ = kSlowStartMost, began_.reset(); }
  void end() { scale_ = kFullShare; }

  // Time runs from the first call after begin(): up to a period of the caller's late, with the least share meanwhile.
  void advance(std::chrono::nanoseconds ramp, Instant now) {
    if (!running()) return;
    if (!began_) began_ = now;
    scale_ = slow_start_scale(now - *began_, ramp);
  }

 private:
  std::uint32_t scale_ = kFullShare;
  std::optional<Instant> began_;
};

}  // namespace tandem::config
