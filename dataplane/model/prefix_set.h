// SPDX-License-Identifier: Apache-2.0
// The prefixes of one family with their rules, and the ranges that follow from them: what a control thread keeps, changes, and
// publishes the ranges of. Threads: one control thread.
#pragma once

#include <array>
#include <map>
#include <utility>

#include "dataplane/model/prefix_ranges.h"

namespace tandem {

template <typename Key>
struct KeyedPrefix {
  Key first;  // host bits are 0
  std::uint8_t length;

  static constexpr std::uint8_t kBits = sizeof(Key) * 8;
  Key last() const { return length == kBits ? first : static_cast<Key>(first | static_cast<Key>(~Key{0}) >> length); }
  // So that a prefix stands before those inside it.
  friend auto operator<=>(const KeyedPrefix&, const KeyedPrefix&) = default;
};

template <typename Key>
class PrefixSet {
 public:
  using Place = KeyedPrefix<Key>;

  RuleWord put(const Place& prefix, RuleWord rule);  // none: takes it away. Returns the one before
  const PrefixRanges<Key>& ranges() const { return ranges_; }
  std::size_t size() const { return prefixes_.size(); }

  // For many at once: between the two calls ranges() is of before.
  void begin_bulk() { bulk_ = true; }
  void end_bulk();

 private:
  void renew(const Place& within);
  RuleWord rule_around(const Place& prefix) const;

  std::map<Place, RuleWord> prefixes_;
  std::array<std::size_t, KeyedPrefix<Key>::kBits + 1> of_length_{};
  PrefixRanges<Key> ranges_;
  bool bulk_ = false;
};

extern template class PrefixSet<std::uint32_t>;
extern template class PrefixSet<Uint128>;

}  // namespace tandem
