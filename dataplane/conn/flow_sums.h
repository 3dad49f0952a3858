// SPDX-License-Identifier: Apache-2.0
// What one worker's connections of groups amount to: by bucket, the sum of a 64-bit hash of each that both nodes should have. Two
// nodes whose sums are equal have the same connections, whatever their numbers of workers: sums of workers add up.
// A sum is kept in step as connections are told, learnt and ended, and counted anew from the table by a walk that never ends
// (flows/flow_census.h), so that damage which no code did shows too. There are two sets: the live one, whole as of the last walk,
// and the next, which holds what the walk has passed; a change behind the walk goes into both.
// What is ours and what we hold for the peer are two sides; a change of roles begins both anew.
// Threads: the owning worker; read() any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dataplane/conn/flow_side.h"
#include "dataplane/model/roles.h"

namespace tandem {

inline constexpr std::size_t kFlowSums = 2 * kFlowBuckets;

constexpr std::uint32_t flow_sum_index(FlowSide side, std::uint16_t bucket) noexcept {
  return static_cast<std::uint32_t>(side) * static_cast<std::uint32_t>(kFlowBuckets) + bucket;
}

class FlowSums {
 public:
  FlowSums();

  // Once per loop. Off, or after a change of roles, nothing is whole until the next walk has ended.
  void note(const Roles& roles, bool on) noexcept;
  bool on() const noexcept { return on_; }
  std::optional<FlowSide> side_of(GroupId group) const noexcept;

  // A connection at `place` (its slot, IPv6 behind IPv4) comes to be counted, or is no more: `value` negated.
  void change(std::size_t place, std::uint32_t sum_index, std::uint64_t value) noexcept {
    add(live_, sum_index, value);
    if (place < passed_) add(next(), sum_index, value);
  }

  // The walk's.
  bool clear_slice() noexcept;  // true: there was something to clear; nothing is passed before that has ended
  std::size_t passed() const noexcept { return passed_; }
  void meet(std::uint32_t sum_index, std::uint64_t value) noexcept { add(next(), sum_index, value); }
  void pass(std::size_t place) noexcept { passed_ = place; }
  void finish() noexcept;  // all was passed: what was counted is live
  std::uint64_t walks() const noexcept { return walks_.load(std::memory_order_relaxed); }

  // Adds a side's sums from `first` on to those in `sums`, and says of which groups they are. None: they are not whole just now.
  std::optional<std::uint32_t> read(FlowSide side, std::size_t first, std::span<std::uint64_t> sums) const noexcept;

 private:
  using Set = std::unique_ptr<std::atomic<std::uint64_t>[]>;
  static constexpr std::size_t kClearSlice = 4096;

  void restart() noexcept;
  unsigned next() const noexcept { return live_ ^ 1U; }
  void add(unsigned set, std::uint32_t sum_index, std::uint64_t value) noexcept {  // one writer: no need of a locked instruction
    std::atomic<std::uint64_t>& sum = sets_[set][sum_index];
    sum.store(sum.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }
  void publish(bool whole) noexcept;

  std::array<Set, 2> sets_;
  unsigned live_ = 0;
  std::size_t passed_ = 0, cleared_ = 0;
  std::uint32_t active_ = 0, on_peer_ = 0;
  bool on_ = false;
  // What a reader needs: edition, whether it is whole, and which set it is. Changes before a set that was live is cleared.
  std::atomic<std::uint64_t> edition_{0};
  std::atomic<std::uint32_t> own_groups_{0}, held_groups_{0};
  std::atomic<std::uint64_t> walks_{0};
};

}  // namespace tandem
