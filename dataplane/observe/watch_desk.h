// SPDX-License-Identifier: Apache-2.0
// The control plane's side of captures and traces: one of each at a time. What the workers see waits in their rings until it is taken.
// Threads: one control thread's.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "common/base/result.h"
#include "dataplane/observe/sighting.h"
#include "dataplane/observe/trace_record.h"

namespace tandem {

class WatchDesk {
 public:
  using Captured = std::function<void(const CaptureHead&, std::span<const std::byte>)>;
  using Traced = std::function<void(const TraceRecord&)>;

  virtual ~WatchDesk() = default;

  // An error: the filter is no sound program. What was captured before and not taken is gone.
  virtual Result<> begin_capture(CaptureWish wish) = 0;
  // So many bytes at most, each worker's in order; how many were taken. Goes on after stop_capture(), until nothing is left.
  virtual std::size_t take_captured(std::size_t most_bytes, const Captured& handle) = 0;
  virtual CaptureTotals capture_totals() const = 0;
  virtual void stop_capture() = 0;  // workers see it at their next loop

  virtual Result<> begin_trace(FilterProgram filter) = 0;
  virtual std::size_t take_traced(std::size_t most, const Traced& handle) = 0;
  virtual CaptureTotals trace_totals() const = 0;
  virtual void stop_trace() = 0;
};

}  // namespace tandem
