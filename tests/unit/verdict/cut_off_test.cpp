// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/cut_off.h"

#include <gtest/gtest.h>

#include <array>

namespace tandem::verdict {
namespace {

using namespace std::chrono_literals;

constexpr TwoSights kBoth{Sight::up, Sight::up}, kHereAlone{Sight::down, Sight::up}, kNeither{Sight::down, Sight::down};

Instant at(Nanoseconds time) { return Instant{time}; }

TEST(CutOff, MostMeansMoreThanHalfAndTwoAtLeast) {
  EXPECT_TRUE(most_fail_here_alone(std::array{kHereAlone, kHereAlone, kBoth}));
  EXPECT_FALSE(most_fail_here_alone(std::array{kHereAlone, kHereAlone, kBoth, kBoth}));
  EXPECT_TRUE(most_fail_here_alone(std::array{kHereAlone, kHereAlone}));
  EXPECT_FALSE(most_fail_here_alone(std::array{kHereAlone})) << "one server, and nobody to say who is at fault";
}

TEST(CutOff, WhatFailsForBothIsNobodysFault) {
  EXPECT_FALSE(most_fail_here_alone(std::array{kNeither, kNeither, kNeither}));
  EXPECT_FALSE(fails_here_alone({Sight::down, Sight::failing})) << "it fails there too, only later";
  EXPECT_FALSE(fails_here_alone({Sight::down, Sight::unknown})) << "a peer that has not looked is no witness";
}

TEST(CutOff, ACheckThatFailsOnceCountsAtOnceSoThatNobodyIsRemovedMeanwhile) { EXPECT_TRUE(fails_here_alone({Sight::failing, Sight::up})); }

TEST(CutOff, TheBackendsStayAtOnceAndTheNodeIsUnfitOnceThePeerWouldHaveSeenItToo) {
  CutOff node;
  node.update(true, 100ms, at(10s));
  EXPECT_TRUE(node.backends_stay());
  EXPECT_FALSE(node.is_so());
  node.update(true, 100ms, at(10s + 99ms));
  EXPECT_FALSE(node.is_so());
  node.update(true, 100ms, at(10s + 100ms));
  EXPECT_TRUE(node.is_so() && node.backends_stay());
}

TEST(CutOff, APeerThatFollowsClearsIt) {
  CutOff node;
  node.update(true, 100ms, at(10s));
  node.update(false, 100ms, at(10s + 50ms));
  EXPECT_FALSE(node.backends_stay());
  node.update(true, 100ms, at(10s + 120ms));
  EXPECT_FALSE(node.is_so()) << "counted anew";
}

TEST(CutOff, WhereThePeerDoesNotTakeTheGroupTheBackendsDoNotStayForEver) {
  CutOff node;
  node.update(true, 100ms, at(10s));
  node.update(true, 100ms, at(15s));
  EXPECT_TRUE(node.backends_stay());
  node.update(true, 100ms, at(15s + 100ms));
  EXPECT_FALSE(node.backends_stay());
  EXPECT_TRUE(node.is_so()) << "as unfit as before";
}

}  // namespace
}  // namespace tandem::verdict
