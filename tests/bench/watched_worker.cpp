// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/watched_worker.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "tests/bench/pinning.h"
#include "tests/bench/samples.h"

namespace tandem::bench {
WatchedWorker::WatchedWorker(ThousandServices& services, Wire& wire, std::uint64_t live, bool hugepages, double cycles_per_second,
                             std::size_t windows)
    : cycles_per_second_{cycles_per_second}, longest_(windows + 1) {
  constexpr WorkerId kSelf{0};
  const std::vector<QueueCount> ports(2);
  auto state = WorkerState::make(kSelf, {live + live / 16, 1024, hugepages}, services.publisher.latest()->keys.table,
                                 std::make_shared<WorkerTallies>(kMaxBackendSlots));
  ensure(state.has_value());
  fill(**state, services, live);
  const WorkerSurroundings around{
      wire, services.publisher, clock_, fabric_, punt_rates_, punt_bell_, losses_, pair_, static_cast<std::uint64_t>(cycles_per_second)};
  worker_ = std::make_unique<Worker>(kSelf, around, WorkerDuties{rx_queues_of(kSelf, ports, 1), tx_ways_of(kSelf, ports, 1), 0, false},
                                     std::move(*state));
}

void WatchedWorker::start(unsigned core) {
  thread_ = std::thread{[this, core] {
    pin_to(core);
    run();
  }};
}

// As Worker::run, with the clock read between loops: a loop ends where the next begins, so nothing falls between them.
void WatchedWorker::run() noexcept {
  std::uint64_t last = __rdtsc();
  while (!stop_.load(std::memory_order_relaxed)) {
    const std::size_t window = window_.load(std::memory_order_relaxed);
    worker_->turn();
    const std::uint64_t now = __rdtsc();
    for (const std::size_t touched : {window, window_.load(std::memory_order_relaxed)})
      longest_[touched] = std::max(longest_[touched], now - last);
    last = now;
  }
}

std::size_t WatchedWorker::open_window() noexcept {
  ensure(windows_opened_ + 1 < longest_.size());
  window_.store(++windows_opened_, std::memory_order_relaxed);
  return windows_opened_;
}

void WatchedWorker::stop() {
  if (!thread_.joinable()) return;
  stop_.store(true, std::memory_order_relaxed);
  thread_.join();
  const WorkerCounters& counters = worker_->state().counters();
  ensure(counters.rx.get() != 0 && counters.rx.get() == counters.tx.get());
  ensure(counters.lookups_miss.get() == 0 && counters.inserts_local.get() == 0);
  worker_->settle();  // leaves the publisher, so that all generations can be freed
}

}  // namespace tandem::bench
