// SPDX-License-Identifier: Apache-2.0
// What a receiver says of one stream: the highest sequence it has taken, and which of the 64 before it. What is not named is not
// coming any more: a datagram that arrives behind a later one is not taken, so that what was said last always stands. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tandem::sync {

struct Ack {
  std::uint8_t stream = 0;
  bool full = false;                      // a table here has no room: send first what the schedule cannot derive
  std::uint32_t epoch = 0;                // whose sequences these are
  std::uint64_t highest = 0, before = 0;  // bit i of before: highest - 1 - i was taken

  bool has(std::uint64_t sequence) const {
    if (sequence == highest) return true;
    if (sequence > highest || highest - sequence > 64) return false;
    return (before >> (highest - sequence - 1) & 1) != 0;
  }
  friend bool operator==(const Ack&, const Ack&) = default;
};

std::vector<std::uint8_t> encode(const Ack& ack);
std::optional<Ack> decode_ack(std::span<const std::uint8_t> bytes);

}  // namespace tandem::sync
