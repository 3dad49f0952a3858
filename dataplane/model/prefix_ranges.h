// SPDX-License-Identifier: Apache-2.0
// Prefixes of one family, cut into ranges of addresses that lie side by side, each with the one rule that holds there. A look-up
// is two binary searches, however many prefixes there are and of whatever lengths: with a million, 12 steps in what stays in the
// cache and 8 in a chunk, so three or four cold lines (docs/design/guard.md).
//
// Ranges stand in chunks that copies share: a copy costs two pointers a chunk, and a change renews the chunks it falls into alone.
// So one prefix among a million is published in well under a millisecond. Threads: a copy that was published is never changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/model/rule_word.h"

namespace tandem {

__extension__ using Uint128 = unsigned __int128;

// The rule from this address on, up to the next boundary.
template <typename Key>
struct Boundary {
  Key from;
  RuleWord rule;
};

// Key: the address as a number, std::uint32_t or Uint128.
template <typename Key>
class PrefixRanges {
 public:
  static constexpr std::size_t kChunk = 256;

  RuleWord find(Key address) const noexcept {
    const std::size_t chunks = not_after(firsts_, address);
    if (chunks == 0) return RuleWord::none;
    const Chunk& chunk = *chunks_[chunks - 1];
    return chunk.rule[not_after(chunk.from, address) - 1];
  }

  bool empty() const noexcept { return chunks_.empty(); }
  std::size_t chunks() const noexcept { return chunks_.size(); }

  // From `first` to `last`, both included, from now on as `inside` says, whose first boundary is at `first`.
  void replace(Key first, Key last, std::span<const Boundary<Key>> inside);

 private:
  struct Chunk {
    std::vector<Key> from;  // never empty
    std::vector<RuleWord> rule;
  };
  class Writer;

  // How many of `sorted` are not larger. No branch depends on what is compared: in a flood every one would be guessed wrong.
  static std::size_t not_after(std::span<const Key> sorted, Key address) noexcept {
    const Key* from = sorted.data();
    for (std::size_t left = sorted.size(), half; left > 0; left -= half) {
      half = (left + 1) / 2;
      from += half * static_cast<std::size_t>(from[half - 1] <= address);
    }
    return static_cast<std::size_t>(from - sorted.data());
  }

  // Chunks [begin, end) hold what lies in [first, last], and small neighbours that are to be joined with them.
  std::pair<std::size_t, std::size_t> touched(Key first, Key last) const;

  std::vector<Key> firsts_;  // of each chunk
  std::vector<std::shared_ptr<const Chunk>> chunks_;
};

extern template class PrefixRanges<std::uint32_t>;
extern template class PrefixRanges<Uint128>;

}  // namespace tandem
