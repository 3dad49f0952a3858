// SPDX-License-Identifier: Apache-2.0
// The pair's thread asks a worker to go through its tables once, because the two nodes' sums of some buckets differ: of those it
// tells what is its own whole, and asks the owner about what it holds for it (flows/flow_mender.h).
// Threads: the pair's thread gives an order when the last is done; the worker reads it from begin() to done.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "dataplane/conn/flow_sums.h"

namespace tandem {

class MendOrder {
 public:
  // The pair's thread. A bucket given between begin() and give() is of the next order.
  bool is_done() const noexcept { return done_.load(std::memory_order_acquire) == given_.load(std::memory_order_relaxed); }
  void begin() noexcept {  // relies on is_done()
    for (auto& word : buckets_) word.store(0, std::memory_order_relaxed);
  }
  void add(FlowSide side, std::uint16_t bucket) noexcept {
    std::atomic<std::uint64_t>& word = buckets_[flow_sum_index(side, bucket) / 64];
    word.store(word.load(std::memory_order_relaxed) | bit(flow_sum_index(side, bucket)), std::memory_order_relaxed);
  }
  void give() noexcept { given_.fetch_add(1, std::memory_order_release); }

  // The worker.
  std::uint32_t given() const noexcept { return given_.load(std::memory_order_acquire); }
  bool has(std::uint32_t sum_index) const noexcept {
    return (buckets_[sum_index / 64].load(std::memory_order_relaxed) & bit(sum_index)) != 0;
  }
  void done(std::uint32_t number) noexcept { done_.store(number, std::memory_order_release); }

 private:
  static constexpr std::uint64_t bit(std::uint32_t sum_index) noexcept { return std::uint64_t{1} << sum_index % 64; }

  std::array<std::atomic<std::uint64_t>, kFlowSums / 64> buckets_{};
  std::atomic<std::uint32_t> given_{0}, done_{0};
};

}  // namespace tandem
