// SPDX-License-Identifier: Apache-2.0
// A walk over a worker's connections for the control thread, a slice per loop, by a ring of records. Each scan has a number, so
// that what an abandoned one left in the ring is not taken for the next one's.
// Threads: turn() the worker; begin(), take(), finished() the control thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/spsc_ring.h"
#include "dataplane/conn/events.h"
#include "dataplane/worker/worker_state.h"

namespace tandem {

class ConnScan {
 public:
  static constexpr std::size_t kSlice = 128;

  ConnScan() : ring_{4096} {}

  void begin(std::uint32_t number) noexcept { wanted_.store(number, std::memory_order_release); }  // 0: stop
  bool take(std::uint32_t number, ConnRecord& record) noexcept;                                    // false: nothing waits just now
  bool finished(std::uint32_t number) const noexcept { return done_.load(std::memory_order_acquire) == number && ring_.size() == 0; }

  bool turn(WorkerState& state, const Generation& generation) noexcept;  // true: there was something to do

 private:
  struct Numbered {
    std::uint32_t number = 0;
    ConnRecord record;
  };
  template <typename Entry>
  std::size_t slice(const Generation& generation, ConnTable<Entry>& table, std::uint32_t tick, std::size_t from) noexcept;

  SpscRing<Numbered> ring_;
  std::atomic<std::uint32_t> wanted_{0}, done_{0};
  std::uint32_t running_ = 0;
  std::size_t next4_ = 0, next6_ = 0;
};

}  // namespace tandem
