// SPDX-License-Identifier: Apache-2.0
// So many a second, and no more at once than in one second.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/clock.h"

namespace tandem::sync {

class RateLimit {
 public:
  explicit RateLimit(std::uint32_t per_second) : each_{Nanoseconds{std::chrono::seconds{1}} / per_second}, most_{each_ * per_second} {}

  // A virtual time that each permission moves on, never further than a second ahead of the clock.
  bool allow(Instant now) {
    next_ = std::max(next_, now);
    if (next_ - now > most_ - each_) return false;
    next_ = next_ + each_;
    return true;
  }

 private:
  Nanoseconds each_, most_;
  Instant next_{};
};

}  // namespace tandem::sync
