// SPDX-License-Identifier: Apache-2.0
// A token bucket that workers share, in one word: the time at which it would be full again (GCRA, ITU-T I.371 annex A). An empty
// bucket costs a load; a taken token one compare-and-swap, so a flood over the rate writes nothing.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/cache_line.h"
#include "common/base/clock.h"

namespace tandem {

class alignas(kCacheLineBytes) SharedRate {
 public:
  // A burst is a tenth of a second's worth, and at least 8.
  void set(std::uint32_t rate_pps) noexcept {
    step_ns_ = rate_pps == 0 ? 0 : 1'000'000'000 / rate_pps;
    const std::uint64_t burst = rate_pps / 10 < 8 ? 8 : rate_pps / 10;
    depth_ns_ = step_ns_ * static_cast<std::int64_t>(burst);
  }

  bool take(Instant now) noexcept {
    if (step_ns_ == 0) return false;
    std::int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      const std::int64_t start = full_at > now.since_start.count() ? full_at : now.since_start.count();
      if (start + step_ns_ - now.since_start.count() > depth_ns_) return false;
      if (full_at_ns_.compare_exchange_weak(full_at, start + step_ns_, std::memory_order_relaxed)) return true;
    }
    return true;  // others took tokens meanwhile: one too many beats waiting for them
  }

 private:
  static constexpr int kAttempts = 4;
  std::atomic<std::int64_t> full_at_ns_{0};
  std::int64_t step_ns_ = 0, depth_ns_ = 0;
};

}  // namespace tandem
