// SPDX-License-Identifier: Apache-2.0
// Frames for the node's own kernel. Three classes with rates of their own, so that junk never starves a health check; each
// has its own ring to the control thread for the same reason.
// Threads: PuntRates is shared by workers; a PuntGate is one worker's, its rings are read by the control thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "common/base/spsc_ring.h"
#include "dataplane/packet/batch.h"
#include "dataplane/worker/fabric.h"
#include "dataplane/worker/rate.h"

namespace tandem {

class PuntRates {
 public:
  // reserve false: one bucket of the sum for all classes, as a negative control.
  PuntRates(const std::array<std::uint32_t, kPuntClasses>& rates_pps, bool reserve) noexcept;
  bool take(PuntClass punt_class, Instant now) noexcept { return rates_[reserve_ ? static_cast<std::size_t>(punt_class) : 0].take(now); }

 private:
  std::array<SharedRate, kPuntClasses> rates_;
  bool reserve_;
};

// Wakes the control thread when it waits: one write at most until it has looked.
class PuntBell {
 public:
  PuntBell();
  ~PuntBell();
  PuntBell(const PuntBell&) = delete;
  PuntBell& operator=(const PuntBell&) = delete;
  void ring() noexcept;    // any worker
  void answer() noexcept;  // control thread, before it looks into the rings
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
  std::atomic<bool> waits_{true};
};

class PuntGate {
 public:
  static constexpr std::size_t kRing = 512;

  PuntGate(PuntRates& rates, PuntBell& bell, WorkerCounters& counters);

  // Takes the frame and counts what became of it.
  void punt(const Punt& punt, TwinKind twin, Instant now) noexcept;
  SpscRing<Crossing>& ring(PuntClass punt_class) noexcept { return *rings_[static_cast<std::size_t>(punt_class)]; }

 private:
  void drop(rte_mbuf* mbuf, DropReason reason) noexcept;

  PuntRates& rates_;
  PuntBell& bell_;
  WorkerCounters& counters_;
  std::array<std::unique_ptr<SpscRing<Crossing>>, kPuntClasses> rings_;
};

}  // namespace tandem
