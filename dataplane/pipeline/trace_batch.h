// SPDX-License-Identifier: Apache-2.0
// Follows each packet of a batch through the passes, for `tandemctl trace`: what it was before the first, which pass decided, and what
// came of it. Of a packet that the filter lets through two look-ups besides: so none is followed while the ring is full, which is counted.
// Threads: one worker's own; nothing is allocated.
#pragma once

#include <array>

#include "dataplane/observe/taps.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

class TraceBatch {
 public:
  TraceBatch(const WorkerContext& context, Batch& batch) noexcept : context_{context}, batch_{batch}, trace_{*context.taps->trace()} {}

  void begin() noexcept;                   // before the first pass
  void passed(TraceStage stage) noexcept;  // after each: who has a verdict now was decided there
  void end() noexcept;                     // after the last, before drops are given back

 private:
  void note(std::size_t place, Packet& packet) noexcept;
  void tell(std::size_t place, const Packet& packet) noexcept;

  const WorkerContext& context_;
  Batch& batch_;
  Trace& trace_;
  std::array<bool, kBatchMax> followed_{}, decided_{};
  std::array<TraceRecord, kBatchMax> records_;
};

}  // namespace tandem
