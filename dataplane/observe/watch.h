// SPDX-License-Identifier: Apache-2.0
// Who looks on: at most one capture and one trace, shared by all workers. A worker learns of a change at its next loop, by one load
// of a pointer; what was there before is kept until all have learnt of it.
// Threads: a Watch is made by the control thread and read by workers; each ring is one worker's to write, the control thread's to read.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "common/base/ids.h"
#include "common/base/spsc_ring.h"
#include "dataplane/observe/byte_ring.h"
#include "dataplane/observe/sighting.h"
#include "dataplane/observe/trace_record.h"
#include "dataplane/stats/counters.h"

namespace tandem {

// What one worker counts for those who look on.
struct alignas(kCacheLineBytes) WatchCounts {
  Counter seen, lost;
};

struct Capture {
  Capture(CaptureWish wished, std::size_t workers);

  CaptureWish wish;
  std::vector<std::unique_ptr<ByteRing>> rings;  // by worker
  std::vector<WatchCounts> counts;
};

struct Trace {
  static constexpr std::size_t kRing = 256;  // packets of each worker that wait to be read

  Trace(FilterProgram program, std::size_t workers);

  FilterProgram filter;
  std::vector<std::unique_ptr<SpscRing<TraceRecord>>> rings;
  std::vector<WatchCounts> counts;
};

struct Watch {
  std::shared_ptr<Capture> capture;
  std::shared_ptr<Trace> trace;
};

// Null: nobody looks on.
class WatchBoard {
 public:
  explicit WatchBoard(std::size_t workers) : seen_(workers) {}

  // The control thread's.
  void put(std::shared_ptr<const Watch> watch);
  void reclaim();  // what no worker looks at any more
  std::size_t kept() const { return kept_.size(); }

  // A worker's, once per loop. It says what it will look at, then makes sure that this still stands: so reclaim() finds it said, or
  // the worker finds the next one. Mostly a load and a comparison.
  const Watch* look(WorkerId self) noexcept {
    const Watch* watch = current_.load(std::memory_order_acquire);
    std::atomic<const Watch*>& seen = seen_[index(self)].watch;
    while (seen.load(std::memory_order_relaxed) != watch) {
      seen.store(watch, std::memory_order_seq_cst);
      watch = current_.load(std::memory_order_seq_cst);
    }
    return watch;
  }

 private:
  struct alignas(kCacheLineBytes) Seen {
    std::atomic<const Watch*> watch{nullptr};
  };

  std::atomic<const Watch*> current_{nullptr};
  std::vector<Seen> seen_;
  std::vector<std::shared_ptr<const Watch>> kept_;  // the present one last
};

}  // namespace tandem
