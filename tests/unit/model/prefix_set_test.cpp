// SPDX-License-Identifier: Apache-2.0
// Prefixes and the ranges that follow from them, held against a list that is walked.
#include "dataplane/model/prefix_set.h"

#include <gtest/gtest.h>

#include <random>

#include "dataplane/model/prefix_rules.h"

namespace tandem {
namespace {

template <typename Key>
class PrefixSetOf : public testing::Test {
 protected:
  using Place = KeyedPrefix<Key>;

  static Place random_prefix(std::mt19937_64& chance) {
    const auto length = static_cast<std::uint8_t>(chance() % (Place::kBits + 1));
    // Few different bits, at both ends, so that prefixes nest and meet.
    const Key few = static_cast<Key>(static_cast<Key>(chance() % 8) << (Place::kBits - 3)) | static_cast<Key>(chance() % 64);
    const Key hosts = Place{Key{0}, length}.last();
    return {static_cast<Key>(few & static_cast<Key>(~hosts)), length};
  }
  RuleWord walked(Key address) const {
    RuleWord best = RuleWord::none;
    for (const auto& [prefix, rule] : list_)
      if (prefix.first <= address && address <= prefix.last()) best = std::max(best, rule);
    return best;
  }
  void put(const Place& prefix, RuleWord rule) {
    set_.put(prefix, rule);
    if (rule == RuleWord::none) list_.erase(prefix);
    else list_[prefix] = rule;
  }
  void expect_same(const Place& around) const {
    for (const Key at : {around.first, around.last(), static_cast<Key>(around.first - 1), static_cast<Key>(around.last() + 1), Key{0},
                         static_cast<Key>(~Key{0})})
      ASSERT_EQ(set_.ranges().find(at), walked(at));
  }

  PrefixSet<Key> set_;
  std::map<Place, RuleWord> list_;
};

using Keys = testing::Types<std::uint32_t, Uint128>;
TYPED_TEST_SUITE(PrefixSetOf, Keys);

TYPED_TEST(PrefixSetOf, AnyChangesLookUpAsAWalkOverTheListDoes) {
  std::mt19937_64 chance{1};
  for (int step = 0; step < 1000; ++step) {
    const auto prefix = this->random_prefix(chance);
    const bool leaves = chance() % 3 == 0;
    this->put(prefix, leaves ? RuleWord::none : rule_word(prefix.length, chance() % 2 == 0));
    this->expect_same(prefix);
    if (step % 250 == 0)
      for (const auto& [each, rule] : this->list_) this->expect_same(each);
    if (testing::Test::HasFailure()) return;
  }
}

TYPED_TEST(PrefixSetOf, ManyAtOnceComeToTheSame) {
  std::mt19937_64 chance{2};
  this->set_.begin_bulk();
  for (int step = 0; step < 1000; ++step) {
    const auto prefix = this->random_prefix(chance);
    this->put(prefix, rule_word(prefix.length, chance() % 2 == 0));
  }
  this->set_.end_bulk();
  for (const auto& [each, rule] : this->list_) this->expect_same(each);
}

TYPED_TEST(PrefixSetOf, WhatIsTakenAwayAgainLeavesNothing) {
  std::mt19937_64 chance{3};
  for (int round = 0; round < 3; ++round) {
    for (int step = 0; step < 500; ++step) {
      const auto prefix = this->random_prefix(chance);
      this->put(prefix, rule_word(prefix.length, false));
    }
    const auto all = this->list_;
    for (const auto& [prefix, rule] : all) this->put(prefix, RuleWord::none);
    EXPECT_TRUE(this->set_.ranges().empty());
  }
}

using Set4 = PrefixSet<std::uint32_t>;

TEST(PrefixSet, TwentyThousandScatteredAddressesAreLookedUpRight) {
  Set4 set;
  for (std::uint32_t i = 0; i < 20'000; ++i) set.put({i * 2654435761U, 32}, rule_word(32, false));
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(denies(set.ranges().find(i * 2654435761U)));
    ASSERT_EQ(set.ranges().find(i * 2654435761U + 1), RuleWord::none);
  }
  EXPECT_LT(set.ranges().chunks(), 40'000 / (PrefixRanges<std::uint32_t>::kChunk / 4)) << "chunks do not wear thin";
}

TEST(PrefixSet, ACopyStaysAsItWasWhenTheSetGoesOn) {
  Set4 set;
  set.put({0x0a000000, 8}, rule_word(8, false));
  const PrefixRanges<std::uint32_t> published = set.ranges();
  set.put({0x0a010000, 16}, rule_word(16, true));
  set.put({0x0a000000, 8}, RuleWord::none);
  EXPECT_EQ(published.find(0x0a010203), rule_word(8, false));
  EXPECT_EQ(set.ranges().find(0x0a010203), rule_word(16, true));
  EXPECT_EQ(set.ranges().find(0x0a020304), RuleWord::none);
}

TEST(PrefixSet, AddressesAreNumbersInTheOrderOfTheirBytes) {
  EXPECT_EQ(number_of(parse_address("1.2.3.4")->v4()), 0x01020304U);
  EXPECT_EQ(number_of(parse_address("::1:2")->v6()), Uint128{0x10002});
  EXPECT_EQ(number_of(parse_address("8000::")->v6()), Uint128{1} << 127);
}

}  // namespace
}  // namespace tandem
