// SPDX-License-Identifier: Apache-2.0
// A fuzzer's input read as decisions, one after the other. When it has ended every decision is 0, so any input means something.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tandem::fuzz {

class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : left_{data, size} {}

  bool ended() const { return left_.empty(); }
  std::uint8_t byte() {
    if (ended()) return 0;
    const std::uint8_t first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }
  std::uint16_t word() {
    const std::uint8_t high = byte();
    return static_cast<std::uint16_t>(high << 8 | byte());
  }
  std::size_t below(std::size_t bound) { return bound <= 256 ? byte() % bound : word() % bound; }
  bool one_in(std::size_t n) { return below(n) == n - 1; }  // 0, as an ended input says, is no
  std::span<const std::uint8_t> bytes(std::size_t most) {
    const auto taken = left_.first(std::min(most, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  template <typename T, std::size_t n>
  const T& of(const std::array<T, n>& offered) {
    return offered[below(n)];
  }

 private:
  std::span<const std::uint8_t> left_;
};

}  // namespace tandem::fuzz
