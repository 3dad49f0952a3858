// SPDX-License-Identifier: Apache-2.0
// Frames for the node's own kernel. Three classes with rates of their own, so that junk never starves a health check; each
// has its own ring to the control thread for the same reason.
// Threads: PuntRates is shared by workers; a PuntGate is one worker's, its rings are read by the control thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "common/base/bell.h"
#include "common/base/rate.h"
#include "common/base/spsc_ring.h"
#include "dataplane/observe/taps.h"
#include "dataplane/packet/batch.h"
#include "dataplane/worker/fabric.h"

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

class PuntGate {
 public:
  static constexpr std::size_t kRing = 512;

  PuntGate(PuntRates& rates, Bell& bell, WorkerCounters& counters, Taps& taps);

  // Takes the frame and counts what became of it.
  void punt(const Punt& punt, TwinKind twin, Instant now) noexcept;
  SpscRing<Crossing>& ring(PuntClass punt_class) noexcept { return *rings_[static_cast<std::size_t>(punt_class)]; }

 private:
  void drop(const Punt& punt, DropReason reason) noexcept;

  PuntRates& rates_;
  Bell& bell_;
  WorkerCounters& counters_;
  Taps& taps_;
  std::array<std::unique_ptr<SpscRing<Crossing>>, kPuntClasses> rings_;
};

}  // namespace tandem
