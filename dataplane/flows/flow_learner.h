// SPDX-License-Identifier: Apache-2.0
// Brings a worker's table up to what the peer told: so many records a turn, in the order they came.
// Order decides (ha.md): a larger (term, incarnation) replaces what is here, an equal one merges, a smaller one is ignored, so
// records may come twice, late, or in any order. Nobody of ours is evicted for a connection of the peer's; one of the peer's that
// the schedule alone would choose again makes room for one that only the peer knows of.
// Who found no room once says so until a twentieth of its table is free: else the peer would try again and again.
// What is learned is no news for the peer; only a report that changed a connection of ours is told again, as ours.
// Threads: the owning worker alone.
#pragma once

#include <array>

#include "dataplane/pipeline/context.h"

namespace tandem {

class FlowLearner {
 public:
  static constexpr std::size_t kSlice = 64;

  FlowLearner(FlowDesk& desk, WorkerCounters& counters) : desk_{desk}, counters_{counters} {}

  bool turn(const WorkerContext& context) noexcept;  // true: there was something to do

 private:
  void count(SyncOutcome outcome) noexcept;
  void watch_room(const WorkerContext& context) noexcept;

  FlowDesk& desk_;
  WorkerCounters& counters_;
  std::array<SyncRecord, kSlice> records_;
  bool full_ = false;
};

}  // namespace tandem
