// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/flood_mode.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr TableFill filled(std::size_t half_open, std::size_t size = 0) { return {half_open, 1000, size, 4000}; }

TEST(FloodMode, BeginsAtThreeQuartersOfTheQuotaAndEndsBelowHalf) {
  FloodMode flood;
  EXPECT_FALSE(flood.judge(filled(749), 0));
  EXPECT_TRUE(flood.judge(filled(750), 0));
  EXPECT_TRUE(flood.judge(filled(500), 0)) << "in between it stays as it was";
  EXPECT_FALSE(flood.judge(filled(499), 0));
  EXPECT_FALSE(flood.judge(filled(749), 0));
}

TEST(FloodMode, BeginsWithATableNearlyFullAndEndsBelow85Percent) {
  FloodMode flood;
  EXPECT_FALSE(flood.judge(filled(0, 3599), 0));
  EXPECT_TRUE(flood.judge(filled(0, 3600), 0));
  EXPECT_TRUE(flood.judge(filled(0, 3400), 0));
  EXPECT_FALSE(flood.judge(filled(0, 3399), 0));
}

TEST(FloodMode, GoesOnWhileWhoIsNotRememberedWouldFillTheQuota) {
  FloodMode flood;
  ASSERT_TRUE(flood.judge(filled(750), 0));
  for (int i = 0; i < 10'000; ++i) flood.syn_passed();
  EXPECT_TRUE(flood.judge(filled(0), 5)) << "2,373 of them would still wait";
  EXPECT_TRUE(flood.judge(filled(0), 10)) << "563";
  EXPECT_FALSE(flood.judge(filled(0), 11)) << "422";
}

TEST(FloodMode, ForgetsAsFastThroughTheWrapOfItsTicks) {
  constexpr std::uint32_t kStart = 0xffff'fffe;
  FloodMode flood;
  ASSERT_TRUE(flood.judge(filled(750), kStart));
  for (int i = 0; i < 10'000; ++i) flood.syn_passed();
  EXPECT_TRUE(flood.judge(filled(0), kStart + 10));
  EXPECT_FALSE(flood.judge(filled(0), kStart + 11));
}

TEST(FloodMode, HandshakesThatAreCompletedEndItSooner) {
  FloodMode flood;
  ASSERT_TRUE(flood.judge(filled(750), 0));
  for (int i = 0; i < 10'000; ++i) flood.syn_passed();
  for (int i = 0; i < 9'600; ++i) flood.syn_acknowledged();
  EXPECT_FALSE(flood.judge(filled(0), 0));
}

TEST(FloodMode, MoreAcknowledgementsThanSynsAreNoCredit) {
  FloodMode flood;
  for (int i = 0; i < 1000; ++i) flood.syn_acknowledged();
  ASSERT_TRUE(flood.judge(filled(750), 0));
  for (int i = 0; i < 600; ++i) flood.syn_passed();
  EXPECT_TRUE(flood.judge(filled(0), 0));
}

TEST(FloodMode, AFloodLeavesNothingBehindHoweverLongAgoItWas) {
  FloodMode flood;
  for (int i = 0; i < 100'000; ++i) flood.syn_passed();
  EXPECT_FALSE(flood.judge(filled(499), 4'000'000'000U));
}

}  // namespace
}  // namespace tandem
