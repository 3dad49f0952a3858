// SPDX-License-Identifier: Apache-2.0
// How a worker spends its time: loops, bursts, busy cycles, heartbeat. Cycles come from the CPU's counter, so that a replay whose
// clock is the capture's still tells the truth. Threads: one worker's own.
#pragma once

#include <cstdint>

#include "common/base/clock.h"
#include "dataplane/stats/counters.h"

namespace tandem {

class Progress {
 public:
  Progress(WorkerCounters& counters, std::uint64_t cycles_per_second);

  void loop_began(Instant now) noexcept;
  void burst(std::size_t packets) noexcept;
  void loop_ended(bool busy) noexcept;
  void slept() noexcept;  // what has passed since the loop's end was no loop

 private:
  WorkerCounters& counters_;
  std::uint64_t cycles_per_us_, began_ = 0, last_ = 0;
};

}  // namespace tandem
