// SPDX-License-Identifier: Apache-2.0
// Publishes generations to workers and frees them when all have moved on (epoch-based reclaim).
// Threads: publish() and collect() by one control thread; enter() and leave() by the worker whose id is given, once per loop.
// A worker that sleeps has left, so it never delays reclaim; one that stalls inside delays reclaim, never the publisher,
// until kMaxUnreclaimed roots wait: then publish() refuses and names the worker. How a worker enters: enter.h.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "common/base/cache_line.h"
#include "common/base/result.h"
#include "dataplane/model/generation.h"

namespace tandem {

class Publisher {
 public:
  static constexpr std::size_t kMaxUnreclaimed = 8;

  explicit Publisher(std::size_t workers);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // Gives `next` its number and makes it the one that workers see from their next loop on. Refused, `next` is dropped and
  // the latest stays.
  Result<> publish(std::unique_ptr<Generation> next);
  void collect();  // frees what no worker can still read; publish() calls it too
  const Generation* latest() const noexcept { return current_.load(std::memory_order_acquire); }
  std::size_t unreclaimed() const noexcept { return retired_.size(); }

  // The generation for this loop; valid until the worker's next enter() or leave(). Something was published before.
  const Generation& enter(WorkerId worker) noexcept;
  template <typename Pause>
  const Generation& enter(WorkerId worker, Pause&& pause) noexcept;  // enter.h; for tests, which hold a worker up at its steps
  void leave(WorkerId worker) noexcept;

 private:
  struct Retired {
    std::unique_ptr<const Generation> generation;
    std::uint64_t epoch;  // workers at this epoch or later cannot see it
  };
  struct alignas(kCacheLineBytes) Seen {
    std::atomic<std::uint64_t> epoch{kOffline};
  };
  static constexpr std::uint64_t kOffline = ~std::uint64_t{0};

  std::uint64_t oldest_epoch_in_use(WorkerId* holder = nullptr) const noexcept;

  std::atomic<const Generation*> current_{nullptr};
  std::atomic<std::uint64_t> epoch_{1};
  std::uint64_t number_ = 0;  // of the latest generation
  std::size_t workers_;
  std::array<Seen, kMaxWorkers> seen_;
  std::deque<Retired> retired_;
};

}  // namespace tandem
