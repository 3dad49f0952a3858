// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "tests/load/datagrams.h"

namespace tandem::load {
namespace {

constexpr Nanoseconds kNoticed = std::chrono::milliseconds{10};  // a shorter silence may be this machine's

}  // namespace

Flow::~Flow() { close(socket_); }

void Flow::send_one() {
  const Datagram datagram{Block{number_, seen_.size()}, {}};
  seen_.push_back(false);
  if (send(socket_, &datagram, sizeof datagram, 0) < 0) ++errors_;
}

void Flow::ready(std::uint32_t) {
  for (Datagram datagram;;) {
    const ssize_t got = recv(socket_, &datagram, sizeof datagram, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got < 0) ++errors_;
    else if (got != sizeof datagram || datagram.block.stream != number_ || !datagram.block.whole() || datagram.block.number >= seen_.size())
      ++damaged_;
    else take(datagram);
  }
}

void Flow::take(const Datagram& datagram) {
  const Instant now = Loop::now();
  if (last_ != Instant{} && now - last_ > kNoticed) gaps_.emplace_back(seconds(last_), seconds(now - last_));
  last_ = now;
  const bool seen = seen_[datagram.block.number];
  ++(seen ? doubled_ : received_);
  seen_[datagram.block.number] = true;
  ++servers_[to_text(datagram.server)];
}

}  // namespace tandem::load
