// SPDX-License-Identifier: Apache-2.0
// Time comes from outside, so that a test can move it. Monotonic for every decision; the wall clock is for people alone.
#pragma once

#include <chrono>

namespace tandem {

using Nanoseconds = std::chrono::nanoseconds;

// Time since an arbitrary start that never steps back.
struct Instant {
  Nanoseconds since_start{};

  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Nanoseconds operator-(Instant a, Instant b) { return a.since_start - b.since_start; }
  friend constexpr Instant operator+(Instant a, Nanoseconds d) { return Instant{a.since_start + d}; }
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

class SteadyClock final : public Clock {
 public:
  Instant now() const override {
    return Instant{std::chrono::duration_cast<Nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())};
  }
};

class ManualClock final : public Clock {
 public:
  Instant now() const override { return now_; }
  void advance(Nanoseconds by) { now_ = now_ + by; }
  void set(Instant to) { now_ = to; }

 private:
  Instant now_{};
};

}  // namespace tandem
