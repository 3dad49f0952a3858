// SPDX-License-Identifier: Apache-2.0
// Whether a worker that could be woken by every packet sleeps a fixed time instead, so that several have come when it looks (what cards
// call interrupt moderation). It pays where many come; it only delays where somebody waits for each answer before he asks again. The two
// are told apart by trial: who waits sends less while packets gather, all others send as before. Threads: one worker's own.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/clock.h"

namespace tandem {

class Gathering {
 public:
  static constexpr Nanoseconds kLength{200'000};

  // Asked at every rest. `packets`: received since the start, by all queues.
  bool wise(Instant now, std::uint64_t packets) noexcept;

 private:
  static constexpr Nanoseconds kWindow{8'000'000};  // what a rate is taken over
  static constexpr Nanoseconds kFirst{16'000'000};  // until the next trial, or until the worker listens again to compare
  static constexpr Nanoseconds kLongest{250'000'000};
  static constexpr double kFewest = 2, kMost = 16;  // packets that would gather: of fewer none is spared a wake, more come together anyway
  static constexpr double kUndisturbed = 0.75;      // of the rate while listening

  struct Span {
    Nanoseconds length = kFirst;
    Instant end{};
    void begin(Instant now) noexcept;  // each twice as long as the one before
  };

  void judge_listening(double rate, Instant now) noexcept;
  void judge_gathering(double rate, Instant now) noexcept;

  bool gathers_ = false;
  double heard_ = 0;  // packets per nanosecond, when each woke the worker
  Span pause_, stay_;
  Instant window_began_{};
  std::uint64_t packets_then_ = 0;
};

}  // namespace tandem
