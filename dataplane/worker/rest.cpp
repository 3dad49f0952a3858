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

Rest::Rest(std::span<const int> sockets, Bell& bell) : bell_{bell}, patience_{sockets.empty() ? kPatience : kListeningPatience} {
  sockets_.push_back({bell.descriptor(), POLLIN, 0});
  for (const int socket : sockets) sockets_.push_back({socket, POLLIN, 0});
  bell_.stop_listening();
}

void Rest::busy() noexcept {
  if (idle_loops_ >= patience_) bell_.stop_listening();
  idle_loops_ = 0;
  heard_ = true;
}

// The loop between listening and sleeping finds what was laid down before anybody could hear the bell.
bool Rest::wanted() noexcept {
  ++idle_loops_;
  if (may_gather()) return true;
  if (has_sockets() && idle_loops_ == patience_) bell_.listen();
  return idle_loops_ > patience_;
}

void Rest::take(Instant now, std::uint64_t packets, Nanoseconds at_most) noexcept {
  if (!has_sockets()) return nap();
  gathers_ = gathering_.wise(now, packets);
  if (!may_gather()) return listen(std::min(kLongestWait, at_most));
  heard_ = false;
  idle_loops_ = patience_;  // if the next loop finds nothing, the sockets are asked
  bell_.listen();
  const timespec length = span_of(std::min(Gathering::kLength, at_most));
  if (ppoll(sockets_.data(), 1, &length, nullptr) > 0) bell_.answer();
}

// A socket whose interface is down says so for ever: that is no packet.
void Rest::listen(Nanoseconds at_most) noexcept {
  heard_ = false;
  const timespec longest = span_of(at_most);
  const int ready = ppoll(sockets_.data(), sockets_.size(), &longest, nullptr);
  if (ready <= 0) return;
  const bool troubled = std::ranges::any_of(sockets_, [](const pollfd& one) { return (one.revents & ~POLLIN) != 0; });
  if (troubled) sleep_for(kLongestNap);
  if (sockets_.front().revents != 0) bell_.answer();
}

void Rest::nap() noexcept {
  const bool new_idleness = idle_loops_ == patience_ + 1;
  nap_ = new_idleness ? kFirstNap : std::min(2 * nap_, kLongestNap);
  sleep_for(nap_);
}

}  // namespace tandem
