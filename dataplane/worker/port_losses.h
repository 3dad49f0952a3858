// SPDX-License-Identifier: Apache-2.0
// Frames that the device received and lost before any worker saw them (no room, damaged). Asking a device may be slow, so the
// control thread asks and notes the totals here; the owner of the port's first queue counts them, as rx and as drops.
// Threads: note() the control thread; take() that owner.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "common/base/ids.h"
#include "dataplane/model/generation.h"
#include "dataplane/stats/counters.h"

namespace tandem {

class PortLosses {
 public:
  void note(PortId port, std::uint64_t missed, std::uint64_t damaged) noexcept {
    ports_[index(port)].missed.noted.store(missed, std::memory_order_relaxed);
    ports_[index(port)].damaged.noted.store(damaged, std::memory_order_relaxed);
  }

  void take(PortId port, WorkerCounters& counters) noexcept {
    count(ports_[index(port)].missed, DropReason::nic_missed, counters);
    count(ports_[index(port)].damaged, DropReason::nic_error, counters);
  }

 private:
  struct Total {
    std::atomic<std::uint64_t> noted{0};
    std::uint64_t counted = 0;
  };
  struct Losses {
    Total missed, damaged;
  };

  static void count(Total& total, DropReason reason, WorkerCounters& counters) noexcept {
    const std::uint64_t noted = total.noted.load(std::memory_order_relaxed);
    if (noted <= total.counted) return;
    counters.rx.add(noted - total.counted);
    counters.dropped[static_cast<std::size_t>(reason)].add(noted - total.counted);
    total.counted = noted;
  }

  std::array<Losses, kMaxPorts> ports_;
};

}  // namespace tandem
