// SPDX-License-Identifier: Apache-2.0
// A production worker on a core of its own that never sleeps, and how long its longest loop was in each window of time.
// Threads: the main thread opens windows and publishes; the worker's thread runs the loops. Read longest_us() once it has stopped.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "dataplane/worker/worker.h"
#include "tests/bench/reload_traffic.h"

namespace tandem::bench {

class WatchedWorker {
 public:
  WatchedWorker(ThousandServices& services, Wire& wire, std::uint64_t live, bool hugepages, double cycles_per_second, std::size_t windows);
  ~WatchedWorker() { stop(); }
  WatchedWorker(const WatchedWorker&) = delete;
  WatchedWorker& operator=(const WatchedWorker&) = delete;

  void start(unsigned core);
  void stop();  // and see that no packet was lost and no connection forgotten

  // A loop counts in the window in which it began and in that in which it ended. What lies between windows is thrown away.
  std::size_t open_window() noexcept;
  void close_window() noexcept { window_.store(0, std::memory_order_relaxed); }
  double longest_us(std::size_t window) const { return static_cast<double>(longest_[window]) * 1e6 / cycles_per_second_; }
  std::uint64_t loops() const { return worker_->state().counters().progress.get(); }

 private:
  void run() noexcept;

  double cycles_per_second_;
  SteadyClock clock_;
  Fabric fabric_{1};
  PuntRates punt_rates_{{2000, 10000, 1000}, true};
  Bell punt_bell_;
  PortLosses losses_;
  PairDesk pair_;
  std::unique_ptr<Worker> worker_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> window_{0};
  std::size_t windows_opened_ = 0;
  std::vector<std::uint64_t> longest_;  // cycles, by window; the first is the time between windows
  std::thread thread_;
};

}  // namespace tandem::bench
