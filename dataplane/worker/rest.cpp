// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/rest.h"

#include <time.h>

#include <algorithm>

namespace tandem {

namespace {

timespec span_of(std::chrono::nanoseconds length) noexcept { return {0, length.count()}; }

void sleep_for(std::chrono::nanoseconds length) noexcept {
  const timespec wanted = span_of(length);
  clock_nanosleep(CLOCK_MONOTONIC, 0, &wanted, nullptr);
}

}  // namespace

Rest::Rest(std::span<const int> sockets, unsigned workers)
    : patience_{sockets.empty() ? kPatience : kListeningPatience}, longest_{workers == 1 && !sockets.empty() ? kLongestAlone : kLongest} {
  for (const int socket : sockets) sockets_.push_back({socket, POLLIN, 0});
}

void Rest::take() noexcept {
  if (sockets_.empty()) nap();
  else listen();
}

// A socket whose interface is down says so for ever: that is no packet.
void Rest::listen() noexcept {
  const timespec longest = span_of(longest_);
  const int ready = ppoll(sockets_.data(), sockets_.size(), &longest, nullptr);
  const bool troubled = std::ranges::any_of(sockets_, [](const pollfd& one) { return (one.revents & ~POLLIN) != 0; });
  if (ready > 0 && troubled) sleep_for(kLongest);
}

void Rest::nap() noexcept {
  const bool new_idleness = idle_loops_ == patience_ + 1;
  nap_ = new_idleness ? kFirst : std::min(2 * nap_, longest_);
  sleep_for(nap_);
}

}  // namespace tandem
