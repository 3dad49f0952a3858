// SPDX-License-Identifier: Apache-2.0
// A service's mutable scheduling state, shared by all workers and older than any one generation: how many turns each
// member has had, their mean, and two cursors.
// Threads: workers read and add with relaxed atomics, once per new connection; `set_*` and `shift_mean` are the control thread's.
// Units: one turn = what a member of mean weight spends on a connection; 40 fraction bits. Only differences mean anything:
// the 64 bits wrap, and `ahead` is right while two times lie within 2^23 turns. (Virtual time as in weighted fair queueing:
// Demers, Keshav and Shenker, SIGCOMM 1989.)
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "common/base/cache_line.h"
#include "dataplane/lb/maglev.h"

namespace tandem {

using TurnTime = std::uint64_t;
inline constexpr unsigned kTurnBits = 40;  // rounding moves the mean by less than a turn in 10^12 connections
inline constexpr TurnTime kTurn = TurnTime{1} << kTurnBits;

constexpr std::int64_t ahead(TurnTime a, TurnTime b) noexcept { return static_cast<std::int64_t>(a - b); }

// Slow start makes each of a member's connections cost more turns: scale / kFullShare times as many.
inline constexpr std::uint32_t kFullShare = 256, kSlowStartMost = 16 * kFullShare;

// The share grows in a straight line with time, from one sixteenth: with less, a ramp's first steps outlive the ramp.
constexpr std::uint32_t slow_start_scale(std::chrono::nanoseconds since_up, std::chrono::nanoseconds ramp) noexcept {
  if (since_up >= ramp) return kFullShare;
  const double share = static_cast<double>(since_up.count()) / static_cast<double>(ramp.count());
  return share * kSlowStartMost <= kFullShare ? kSlowStartMost : static_cast<std::uint32_t>(kFullShare / share);
}

class ServiceTurns {
 public:
  explicit ServiceTurns(std::size_t members) : members_{std::make_unique<Member[]>(members)}, size_{members} {}

  std::size_t size() const noexcept { return size_; }
  TurnTime time(MemberIndex member) const noexcept { return members_[member].time.load(std::memory_order_relaxed); }
  TurnTime mean() const noexcept { return mean_.load(std::memory_order_relaxed); }
  std::uint32_t scale(MemberIndex member) const noexcept { return members_[member].scale.load(std::memory_order_relaxed); }

  // One connection. The mean is kept by adding to it what this step adds to the weighted mean of the live members, so
  // that nobody ever sums them; a pick costs two shared adds. The mean goes first: see lift_mean.
  void advance(MemberIndex member, TurnTime step, TurnTime mean_step) noexcept {
    const std::uint64_t scale = members_[member].scale.load(std::memory_order_relaxed);
    mean_.fetch_add(mean_step * scale / kFullShare, std::memory_order_relaxed);
    members_[member].time.fetch_add(step * scale / kFullShare, std::memory_order_release);
  }

  // For a worker that has found all live members ahead of the mean, the lowest at `lowest`. Were this only others' adds
  // in between, the mean would have grown by them before; so if it still lies behind, it has drifted, and is put right.
  void lift_mean(TurnTime lowest) noexcept {
    std::atomic_thread_fence(std::memory_order_acquire);
    TurnTime mean = mean_.load(std::memory_order_relaxed);
    if (ahead(lowest, mean) > 0) mean_.compare_exchange_strong(mean, lowest, std::memory_order_relaxed);
  }

  void set_time(MemberIndex member, TurnTime time) noexcept { members_[member].time.store(time, std::memory_order_relaxed); }
  void set_scale(MemberIndex member, std::uint32_t scale) noexcept { members_[member].scale.store(scale, std::memory_order_relaxed); }
  void shift_mean(std::int64_t by) noexcept { mean_.fetch_add(static_cast<TurnTime>(by), std::memory_order_relaxed); }

  // Where round-robin stands in its rotation, counted since the service began.
  std::atomic<std::uint64_t>& rotation() noexcept { return rotation_; }
  std::uint64_t rotation() const noexcept { return rotation_.load(std::memory_order_relaxed); }

  // Where the search for a member below the mean begins. Shared, so that spilled flows are spread over all members in
  // turn instead of piling up behind their candidates, and a search is short (docs/design/schedulers.md).
  MemberIndex spill() const noexcept { return spill_.load(std::memory_order_relaxed); }
  void set_spill(MemberIndex member) noexcept { spill_.store(member, std::memory_order_relaxed); }

 private:
  struct Member {
    std::atomic<TurnTime> time{0};
    std::atomic<std::uint32_t> scale{kFullShare};
  };

  std::unique_ptr<Member[]> members_;
  std::size_t size_;
  alignas(kCacheLineBytes) std::atomic<TurnTime> mean_{0};
  std::atomic<MemberIndex> spill_{0};
  alignas(kCacheLineBytes) std::atomic<std::uint64_t> rotation_{0};
};

}  // namespace tandem
