// SPDX-License-Identifier: Apache-2.0
// How a worker with `idle = "adaptive"` waits while nothing comes. Where all of its queues have a socket (AF_XDP, AF_PACKET) it waits for
// these, and a packet wakes it at once; else it naps, short at first, so that the next packet of a burst finds it awake.
// No wait is longer than what gives no sign can bear: rings of other workers, frames of the node's own, orders, heartbeats.
// Threads: one worker's own.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace tandem {

class Rest {
 public:
  // `sockets`: of the queues; empty: they have none. `workers`: in all; one alone gets nothing from others.
  Rest(std::span<const int> sockets, unsigned workers);

  void busy() noexcept { idle_loops_ = 0; }
  bool wanted() noexcept { return ++idle_loops_ > patience_; }
  void take() noexcept;

 private:
  using Length = std::chrono::nanoseconds;
  static constexpr std::uint32_t kPatience = 64, kListeningPatience = 16;  // loops without anything
  static constexpr Length kFirst{5'000}, kLongest{50'000}, kLongestAlone{250'000};

  void listen() noexcept;
  void nap() noexcept;

  std::vector<pollfd> sockets_;
  std::uint32_t patience_, idle_loops_ = 0;
  Length longest_, nap_ = kFirst;
};

}  // namespace tandem
