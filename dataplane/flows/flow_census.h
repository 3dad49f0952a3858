// SPDX-License-Identifier: Apache-2.0
// Counts a worker's sums (conn/flow_sums.h) anew from what its tables really hold, by a walk that goes round in a second, or as
// long as a microsecond and a fifth for every slot. Time paces it, not loops: an idle worker spins no faster for it, and a busy one
// does a slice a loop at most. Threads: the owning worker alone.
#pragma once

#include "dataplane/pipeline/context.h"

namespace tandem {

class FlowCensus {
 public:
  static constexpr std::size_t kSlice = 256;
  static constexpr std::chrono::nanoseconds kRound = std::chrono::seconds{1}, kPerSlot{1200};

  explicit FlowCensus(FlowSums& sums) : sums_{sums} {}

  void turn(const WorkerContext& context) noexcept;

 private:
  std::size_t due(std::size_t slots, Instant now) const noexcept;  // slots that should have been passed by now
  template <typename Entry>
  void meet(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept;

  FlowSums& sums_;
  Instant began_;
};

}  // namespace tandem
