// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/prefix_set.h"

namespace tandem {
namespace {

// Boundaries within a range, from prefixes that come in order, each before those inside it.
template <typename Key>
class Flattening {
 public:
  Flattening(Key first, Key last, RuleWord outside) : last_{last}, outside_{outside} { out_.push_back({first, outside}); }

  void enter(const KeyedPrefix<Key>& prefix, RuleWord rule) {
    while (!open_.empty() && open_.back().last < prefix.first) leave();
    add(prefix.first, rule);
    open_.push_back({prefix.last(), rule});
  }
  const std::vector<Boundary<Key>>& finish() {
    while (!open_.empty()) leave();
    return out_;
  }

 private:
  struct Open {
    Key last;
    RuleWord rule;
  };
  void leave() {
    const Key last = open_.back().last;
    open_.pop_back();
    if (last != last_) add(static_cast<Key>(last + 1), open_.empty() ? outside_ : open_.back().rule);
  }
  void add(Key from, RuleWord rule) {
    if (out_.back().from == from) out_.back().rule = rule;
    else out_.push_back({from, rule});
  }

  Key last_;
  RuleWord outside_;
  std::vector<Open> open_;
  std::vector<Boundary<Key>> out_;
};

}  // namespace

template <typename Key>
RuleWord PrefixSet<Key>::put(const Place& prefix, RuleWord rule) {
  const auto at = prefixes_.lower_bound(prefix);
  const bool known = at != prefixes_.end() && at->first == prefix;
  const RuleWord before = known ? at->second : RuleWord::none;
  if (before == rule) return before;
  if (rule == RuleWord::none) {
    prefixes_.erase(at);
    --of_length_[prefix.length];
  } else if (known) {
    at->second = rule;
  } else {
    prefixes_.emplace_hint(at, prefix, rule);
    ++of_length_[prefix.length];
  }
  if (!bulk_) renew(prefix);
  return before;
}

template <typename Key>
void PrefixSet<Key>::end_bulk() {
  bulk_ = false;
  renew({Key{0}, 0});
}

template <typename Key>
void PrefixSet<Key>::renew(const Place& within) {
  Flattening<Key> flat{within.first, within.last(), rule_around(within)};
  const auto end = prefixes_.upper_bound({within.last(), Place::kBits});
  for (auto at = prefixes_.lower_bound(within); at != end; ++at) flat.enter(at->first, at->second);
  ranges_.replace(within.first, within.last(), flat.finish());
}

// Of the nearest prefix that is shorter and holds this one.
template <typename Key>
RuleWord PrefixSet<Key>::rule_around(const Place& prefix) const {
  for (std::uint8_t length = prefix.length; length-- > 0;) {
    if (of_length_[length] == 0) continue;
    const Key mask = length == 0 ? Key{0} : static_cast<Key>(~static_cast<Key>(static_cast<Key>(~Key{0}) >> length));
    const auto found = prefixes_.find({static_cast<Key>(prefix.first & mask), length});
    if (found != prefixes_.end()) return found->second;
  }
  return RuleWord::none;
}

template class PrefixSet<std::uint32_t>;
template class PrefixSet<Uint128>;

}  // namespace tandem
