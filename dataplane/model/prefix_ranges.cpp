// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/prefix_ranges.h"

namespace tandem {

// Gathers boundaries in order, leaves out those that change nothing, and cuts them into chunks.
template <typename Key>
class PrefixRanges<Key>::Writer {
 public:
  explicit Writer(RuleWord before) : rule_{before} {}

  void add(Key from, RuleWord rule) {
    if (rule == rule_) return;
    if (chunks_.empty() || chunks_.back()->from.size() == kChunk) chunks_.push_back(std::make_shared<Chunk>());
    chunks_.back()->from.push_back(from), chunks_.back()->rule.push_back(rule);
    rule_ = rule;
  }
  const std::vector<std::shared_ptr<Chunk>>& chunks() const { return chunks_; }

 private:
  RuleWord rule_;
  std::vector<std::shared_ptr<Chunk>> chunks_;
};

template <typename Key>
std::pair<std::size_t, std::size_t> PrefixRanges<Key>::touched(Key first, Key last) const {
  const auto place = [&](Key key) {
    return static_cast<std::size_t>(std::upper_bound(firsts_.begin(), firsts_.end(), key) - firsts_.begin());
  };
  const auto is_small = [&](std::size_t at) { return chunks_[at]->from.size() < kChunk / 2; };
  std::size_t begin = place(first), end = place(last);
  if (begin > 0) --begin;
  if (begin > 0 && is_small(begin - 1)) --begin;
  if (end < chunks_.size() && is_small(end)) ++end;
  return {begin, end};
}

template <typename Key>
void PrefixRanges<Key>::replace(Key first, Key last, std::span<const Boundary<Key>> inside) {
  const bool is_end = last == static_cast<Key>(~Key{0});
  const Key behind = is_end ? last : static_cast<Key>(last + 1);
  const RuleWord goes_on = find(behind);
  const auto [begin, end] = touched(first, last);
  Writer writer{begin == 0 ? RuleWord::none : chunks_[begin - 1]->rule.back()};
  const auto copy = [&](auto wanted) {
    for (std::size_t i = begin; i < end; ++i)
      for (std::size_t j = 0; j < chunks_[i]->from.size(); ++j)
        if (wanted(chunks_[i]->from[j])) writer.add(chunks_[i]->from[j], chunks_[i]->rule[j]);
  };
  copy([&](Key from) { return from < first; });
  for (const Boundary<Key>& boundary : inside) writer.add(boundary.from, boundary.rule);
  const bool next_begins = end < chunks_.size() && firsts_[end] == behind;
  if (!is_end && !next_begins) writer.add(behind, goes_on);
  copy([&](Key from) { return from > last && from != behind; });

  const auto at = [](auto& list, std::size_t place) { return list.begin() + static_cast<std::ptrdiff_t>(place); };
  chunks_.erase(at(chunks_, begin), at(chunks_, end)), firsts_.erase(at(firsts_, begin), at(firsts_, end));
  std::vector<Key> firsts;
  for (const auto& chunk : writer.chunks()) firsts.push_back(chunk->from.front());
  chunks_.insert(at(chunks_, begin), writer.chunks().begin(), writer.chunks().end());
  firsts_.insert(at(firsts_, begin), firsts.begin(), firsts.end());
}

template class PrefixRanges<std::uint32_t>;
template class PrefixRanges<Uint128>;

}  // namespace tandem
