// SPDX-License-Identifier: Apache-2.0
#include "tests/load/stream.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace tandem::load {

Stream::Stream(Loop& loop, const Endpoint& to, std::uint64_t number)
    : loop_{loop}, number_{number}, asked_{Loop::now()}, verifier_{number} {
  socket_ = begin_connect(to);
  if (socket_ < 0) {
    state_ = State::refused;
    return;
  }
  port_ = port_of(socket_);
  loop_.watch(socket_, EPOLLIN | EPOLLOUT, *this);
}

Stream::~Stream() {
  if (socket_ >= 0) close(socket_);
}

void Stream::ready(std::uint32_t events) {
  if (state_ == State::opening) {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return end(State::refused);
    if ((events & EPOLLOUT) != 0) come_open();
  }
  const Read read = read_all(socket_, [this](std::span<const std::byte> bytes) { take(bytes); });
  if (read == Read::broken || !outbox_.flush(socket_)) return end(State::reset);
  if (read == Read::later) return watch_for_room();
  const bool whole = state_ == State::closing && verifier_.next() == sent_ && verifier_.between_blocks();
  end(whole ? State::finished : State::cut_off);
}

void Stream::come_open() {
  state_ = State::open;
  established_ = last_heard_ = Loop::now();
}

void Stream::take(std::span<const std::byte> bytes) {
  const Instant now = Loop::now();
  longest_silence_ = std::max(longest_silence_, now - last_heard_);
  last_heard_ = now;
  const std::size_t greeting = std::min(bytes.size(), kNameBytes - greeted_);
  std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(greeting),
                 server_.begin() + static_cast<std::ptrdiff_t>(greeted_), [](std::byte one) { return static_cast<char>(one); });
  greeted_ += greeting;
  verifier_.take(bytes.subspan(greeting));
}

void Stream::speak() {
  if (state_ != State::open) return;
  const Block block{number_, sent_++};
  outbox_.add(std::as_bytes(std::span{&block, 1}));
  if (!outbox_.flush(socket_)) return end(State::reset);
  watch_for_room();
}

void Stream::close_half() {
  if (state_ != State::open || !outbox_.empty()) return;
  state_ = State::closing;
  shutdown(socket_, SHUT_WR);
}

void Stream::watch_for_room() {
  if (wants_room_ == !outbox_.empty()) return;
  wants_room_ = !outbox_.empty();
  loop_.change(socket_, EPOLLIN | (wants_room_ ? std::uint32_t{EPOLLOUT} : 0U), *this);
}

void Stream::end(State state) {
  state_ = state;
  close(socket_);
  socket_ = -1;
}

const char* word(Stream::State state) {
  static constexpr std::array kWords{"opening", "unfinished", "unfinished", "finished", "refused", "reset", "cut off"};
  return kWords[static_cast<std::size_t>(state)];
}

}  // namespace tandem::load
