// SPDX-License-Identifier: Apache-2.0
// How a worker with `idle = "adaptive"` waits while nothing comes. Where all of its queues have a socket (AF_XDP, AF_PACKET) it waits for
// these and for the bell of those who lay something down for it: either wakes it at once, or it lets packets gather first (gathering.h).
// Else it naps, short at first, so that the next packet of a burst finds it awake.
// No wait is longer than what gives no sign can bear: its small duties, its own heartbeat.
// Threads: one worker's own.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/bell.h"
#include "dataplane/worker/gathering.h"

namespace tandem {

class Rest {
 public:
  // `sockets`: of the queues; empty: they have none. `bell`: outlives this, and is silent until the worker rests.
  Rest(std::span<const int> sockets, Bell& bell);

  static constexpr Nanoseconds kLongestWait{1'000'000};

  void busy() noexcept;
  bool wanted() noexcept;  // after a loop without anything
  // `packets`: received since the start. `at_most`: until something of the worker's own is due.
  void take(Instant now, std::uint64_t packets, Nanoseconds at_most = kLongestWait) noexcept;

 private:
  static constexpr std::uint32_t kPatience = 64, kListeningPatience = 16;  // loops without anything
  static constexpr Nanoseconds kFirstNap{5'000}, kLongestNap{50'000};

  bool has_sockets() const noexcept { return sockets_.size() > 1; }
  bool may_gather() const noexcept { return gathers_ && heard_; }
  void listen(Nanoseconds at_most) noexcept;
  void nap() noexcept;

  Bell& bell_;
  std::vector<pollfd> sockets_;  // the bell's is the first
  std::uint32_t patience_, idle_loops_ = 0;
  Nanoseconds nap_ = kFirstNap;
  Gathering gathering_;
  bool gathers_ = false, heard_ = false;  // since the last rest
};

}  // namespace tandem
