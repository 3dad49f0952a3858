// SPDX-License-Identifier: Apache-2.0
// Who lost a group because he was unfit is not believed for a while, each time twice as long, so that a flapping link moves a group
// once and not twice a second. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/base/clock.h"

namespace tandem::ha {

class HoldDown {
 public:
  static constexpr std::chrono::seconds kFirst{10}, kLongest{160}, kForgiven{600};

  void begin(Instant now) {
    const bool again = until_ && now - *until_ < kForgiven;
    length_ = again ? std::min<Nanoseconds>(2 * length_, kLongest) : Nanoseconds{kFirst};
    until_ = now + length_;
  }
  bool active(Instant now) const { return until_ && now < *until_; }

 private:
  std::optional<Instant> until_;
  Nanoseconds length_{};
};

}  // namespace tandem::ha
