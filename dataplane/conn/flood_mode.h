// SPDX-License-Identifier: Apache-2.0
// Whether SYNs are remembered (design.md, Life of a connection; docs/design/adoption.md). A flood begins by what it takes of the table,
// never at a rate: three quarters of what may be half-open, or a table 90 % full. It ends when both are well below, where half-open
// counts as well who would be, were SYNs remembered: without these the mode would end in the midst of a flood and begin again.
// Threads: one worker's own. Units: ticks of Expiry.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tandem {

struct TableFill {
  std::size_t half_open = 0, half_open_quota = 0, size = 0, capacity = 0;

  bool is_high() const noexcept { return half_open * 4 >= half_open_quota * 3 || size * 10 >= capacity * 9; }
};

class FloodMode {
 public:
  bool on() const noexcept { return on_; }

  // Brings it up to date; true while there is a flood.
  bool judge(const TableFill& fill, std::uint32_t tick) noexcept {
    forget(tick);
    const bool calm = (fill.half_open + waiting_) * 2 < fill.half_open_quota && fill.size * 20 < fill.capacity * 17;
    on_ = fill.is_high() || (on_ && !calm);
    return on_;
  }

  // For a rehearsal, on a table that is filled otherwise: stays as it is.
  FloodMode frozen() const noexcept {
    FloodMode copy = *this;
    copy.waiting_ = on_ ? kEnough : 0;
    return copy;
  }

  // A SYN that was not remembered; a handshake of such a one that was completed.
  void syn_passed() noexcept { ++waiting_; }
  void syn_acknowledged() noexcept { waiting_ -= waiting_ != 0; }

 private:
  // A quarter a tick, so that a SYN counts for about as long as a half-open entry would last.
  void forget(std::uint32_t tick) noexcept {
    for (; tick_ != tick && waiting_ != 0; ++tick_) waiting_ -= (waiting_ + 3) / 4;
    tick_ = tick;
  }

  static constexpr std::size_t kEnough = std::size_t{1} << 32;  // for no table to be calm

  std::size_t waiting_ = 0;
  std::uint32_t tick_ = 0;
  bool on_ = false;
};

}  // namespace tandem
