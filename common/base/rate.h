// SPDX-License-Identifier: Apache-2.0
// A token bucket that workers share, in one word: the time at which it would be full again (GCRA, ITU-T I.371 annex A). An empty
// bucket costs a load; a taken token one compare-and-swap, so a flood over the rate writes nothing. The state knows no rate, so that a
// rate can change while it is in use.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/cache_line.h"
#include "common/base/clock.h"

namespace tandem {

// What a rate means in time. A burst is a tenth of a second's worth, and at least 8.
struct RateSteps {
  explicit constexpr RateSteps(std::uint32_t rate_pps) noexcept
      : step_ns{rate_pps == 0 ? 0 : 1'000'000'000 / rate_pps}, depth_ns{step_ns * (rate_pps / 10 < 8 ? 8 : rate_pps / 10)} {}

  std::int64_t step_ns, depth_ns;
};

class RateState {
 public:
  // All of `count`, or none.
  bool take(const RateSteps& rate, std::uint32_t count, Instant now) noexcept {
    const std::int64_t now_ns = now.since_start.count(), cost = rate.step_ns * count;
    std::int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const std::int64_t start = full_at > now_ns ? full_at : now_ns;
      if (start + cost - now_ns > rate.depth_ns) return false;
      if (full_at_ns_.compare_exchange_weak(full_at, start + cost, std::memory_order_relaxed)) return true;
    }
    return true;  // others took tokens meanwhile: one too many beats waiting for them
  }

 private:
  static constexpr int kAttempts = 4;
  std::atomic<std::int64_t> full_at_ns_{0};
};

// A state with the rate it is asked for. Rate 0: nothing may come.
class alignas(kCacheLineBytes) SharedRate {
 public:
  void set(std::uint32_t rate_pps) noexcept { rate_ = RateSteps{rate_pps}; }
  bool take(Instant now) noexcept { return rate_.step_ns != 0 && state_.take(rate_, 1, now); }

 private:
  RateState state_;
  RateSteps rate_{0};
};

}  // namespace tandem
