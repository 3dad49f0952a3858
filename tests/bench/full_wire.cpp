// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/full_wire.h"

#include <algorithm>
#include <random>

namespace tandem::bench {

void FullWire::divide(std::vector<std::vector<std::uint32_t>> numbers_by_owner) {
  numbers_ = std::move(numbers_by_owner);
  std::mt19937 chance{1};
  for (std::vector<std::uint32_t>& numbers : numbers_) {
    std::shuffle(numbers.begin(), numbers.end(), chance);
    queues_.push_back(std::make_unique<Queue>(Queue{{pool_, {}}, {pool_, {.direction = Direction::from_backend}}}));
    queues_.back()->next_reply = numbers.size() / 2;  // not the flows whose clients have just spoken
  }
}

void FullWire::take(const std::vector<std::uint32_t>& numbers, std::size_t& next, std::span<std::uint64_t> taken) noexcept {
  for (std::uint64_t& number : taken) {
    if (next >= numbers.size()) next = 0;
    number = numbers[next++];
  }
}

std::uint16_t FullWire::receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept {
  std::array<std::uint64_t, kBurst> numbers;
  const std::size_t count = std::min<std::size_t>(room, kBurst);
  Queue& own = *queues_[queue];
  if (port == PortId{0}) {
    take(numbers_[queue], own.next_client, std::span{numbers}.first(count));
    own.from_client.make(std::span{numbers}.first(count), {burst, count});
  } else {
    const std::size_t whose = foreign_replies_ ? (queue + 1) % numbers_.size() : queue;
    take(numbers_[whose], own.next_reply, std::span{numbers}.first(count));
    own.replies.make(std::span{numbers}.first(count), {burst, count});
  }
  return static_cast<std::uint16_t>(count);
}

std::uint16_t FullWire::send(PortId, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept {
  rte_pktmbuf_free_bulk(burst, count);
  return count;
}

}  // namespace tandem::bench
