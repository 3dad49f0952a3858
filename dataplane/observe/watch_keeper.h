// SPDX-License-Identifier: Apache-2.0
// WatchDesk over the workers' board. Threads: one control thread's. Outlives the workers' last turn.
#pragma once

#include <memory>

#include "dataplane/observe/watch.h"
#include "dataplane/observe/watch_desk.h"

namespace tandem {

class WatchKeeper final : public WatchDesk {
 public:
  WatchKeeper(WatchBoard& board, std::size_t workers) : board_{board}, workers_{workers} {}

  Result<> begin_capture(CaptureWish wish) override;
  std::size_t take_captured(std::size_t most_bytes, const Captured& handle) override;
  CaptureTotals capture_totals() const override;
  void stop_capture() override;

  Result<> begin_trace(FilterProgram filter) override;
  std::size_t take_traced(std::size_t most, const Traced& handle) override;
  CaptureTotals trace_totals() const override;
  void stop_trace() override;

 private:
  void tell_workers();

  WatchBoard& board_;
  std::size_t workers_;
  std::shared_ptr<Capture> capture_;  // the last one, also when it has stopped
  std::shared_ptr<Trace> trace_;
  bool capturing_ = false, tracing_ = false;
};

}  // namespace tandem
