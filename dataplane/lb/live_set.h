// SPDX-License-Identifier: Apache-2.0
// Which members of a schedule may be given new connections now: neither down, draining nor disabled.
// Threads: built by a control thread at each change of state (a few µs; the schedule is not touched), immutable afterwards.
// Holds: made for one schedule, used with no other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/lb/schedule.h"

namespace tandem {

class LiveSet {
 public:
  LiveSet(const Schedule& schedule, const std::vector<bool>& eligible);  // by member index
  static LiveSet all(const Schedule& schedule) { return {schedule, std::vector<bool>(schedule.size(), true)}; }

  std::size_t count() const noexcept { return count_; }
  bool contains(MemberIndex member) const noexcept { return (words_[member / 64] >> (member % 64) & 1) != 0; }

  // The first live member at or after this place, in cyclic order. Relies on count() > 0 and `from` <= members.
  MemberIndex next(std::size_t from) const noexcept;

  // What one connection adds to the weighted mean of the live members' turns: mean weight / sum of the live weights.
  TurnTime mean_step() const noexcept { return mean_step_; }
  std::uint64_t weight_sum() const noexcept { return weight_sum_; }

  // How many places of the rotation are passed over from this one to the next live one.
  std::uint32_t gap(std::size_t place) const noexcept { return gaps_.empty() ? 0 : gaps_[place]; }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> gaps_;  // round-robin with somebody down; empty otherwise
  std::size_t count_ = 0;
  std::uint64_t weight_sum_ = 0;
  TurnTime mean_step_ = 0;
};

}  // namespace tandem
