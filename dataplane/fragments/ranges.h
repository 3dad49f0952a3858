// SPDX-License-Identifier: Apache-2.0
// Which bytes of a datagram have been seen: ranges in order, neighbours joined, so that fragments in order need one.
// Overlaps are not told apart from repetitions: RFC 8200 4.5 allows to let exact ones pass, but who may know no longer has them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tandem {

class Ranges {
 public:
  static constexpr std::size_t kMost = 17;  // 16 fragments that wait for one, and that one

  enum class Added : std::uint8_t { fresh, overlapping, too_many };

  // `from` < `to`, both up to 65,535.
  Added add(std::uint32_t from, std::uint32_t to) noexcept;

  bool is_one_up_to(std::uint32_t end) const noexcept { return count_ == 1 && ranges_[0].from == 0 && ranges_[0].to == end; }
  std::uint32_t end() const noexcept { return count_ == 0 ? 0 : ranges_[count_ - 1].to; }
  std::size_t size() const noexcept { return count_; }

 private:
  struct Range {
    std::uint16_t from, to;
  };
  void insert(std::size_t place, Range range) noexcept;
  void remove(std::size_t place) noexcept;

  std::array<Range, kMost> ranges_;
  std::uint8_t count_ = 0;
};

}  // namespace tandem
