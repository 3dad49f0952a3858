// SPDX-License-Identifier: Apache-2.0
#include "dataplane/fragments/ranges.h"

#include <algorithm>

namespace tandem {

void Ranges::insert(std::size_t place, Range range) noexcept {
  std::copy_backward(ranges_.begin() + place, ranges_.begin() + count_, ranges_.begin() + count_ + 1);
  ranges_[place] = range;
  ++count_;
}

void Ranges::remove(std::size_t place) noexcept {
  std::copy(ranges_.begin() + place + 1, ranges_.begin() + count_, ranges_.begin() + place);
  --count_;
}

Ranges::Added Ranges::add(std::uint32_t from, std::uint32_t to) noexcept {
  std::size_t place = 0;  // of the first range that ends behind `from`
  while (place < count_ && ranges_[place].to <= from) ++place;
  if (place < count_ && ranges_[place].from < to) return Added::overlapping;
  const bool joins_before = place > 0 && ranges_[place - 1].to == from, joins_behind = place < count_ && ranges_[place].from == to;
  if (joins_before && joins_behind) {
    ranges_[place - 1].to = ranges_[place].to;
    remove(place);
  } else if (joins_before) {
    ranges_[place - 1].to = static_cast<std::uint16_t>(to);
  } else if (joins_behind) {
    ranges_[place].from = static_cast<std::uint16_t>(from);
  } else {
    if (count_ == kMost) return Added::too_many;
    insert(place, {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(to)});
  }
  return Added::fresh;
}

}  // namespace tandem
