// SPDX-License-Identifier: Apache-2.0
// Which sequences of one stream were seen: each is taken once, late ones as long as they are within 1024 of the newest
// (RFC 4303 3.4.3 does the same). Sequences begin at 1.
#pragma once

#include <array>
#include <cstdint>

namespace tandem::sync {

class ReplayWindow {
 public:
  static constexpr std::uint64_t kWidth = 1024;

  bool is_new(std::uint64_t sequence) const;
  void mark(std::uint64_t sequence);  // once it has proved authentic: a forged number must not move the window
  std::uint64_t newest() const { return newest_; }

 private:
  std::uint64_t& word(std::uint64_t sequence) { return seen_[sequence % kWidth / 64]; }
  static std::uint64_t bit(std::uint64_t sequence) { return std::uint64_t{1} << (sequence % 64); }

  std::uint64_t newest_ = 0;
  std::array<std::uint64_t, kWidth / 64> seen_{};
};

}  // namespace tandem::sync
