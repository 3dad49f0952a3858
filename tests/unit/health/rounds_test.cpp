// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/rounds.h"

#include <gtest/gtest.h>

#include <random>

namespace tandem::health {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kAll = 1'000'000;

struct RoundsTest : testing::Test {
  ManualClock clock;
  double chance = 0.5;
  Rounds rounds{[this] { return chance; }};

  std::vector<std::string> due(std::size_t most = kAll) { return rounds.take_due(clock.now(), most); }
};

TEST_F(RoundsTest, TheFirstCheckComesWithinAQuarterOfTheInterval) {
  chance = 0.999;
  rounds.add("a", {1s, 0}, clock.now());
  EXPECT_LT(rounds.next()->since_start, 250ms);
  EXPECT_GT(rounds.next()->since_start, 240ms);
}

TEST_F(RoundsTest, TheFirstCheckComesWithinASecondHoweverLongTheInterval) {
  chance = 0.999;
  rounds.add("a", {60s, 0}, clock.now());
  EXPECT_LT(rounds.next()->since_start, 1s);
}

TEST_F(RoundsTest, WithoutJitterChecksComeEveryInterval) {
  chance = 0;
  rounds.add("a", {100ms, 0}, clock.now());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(due(), std::vector<std::string>{"a"}) << "round " << i;
    clock.advance(3ms);  // the check takes a while; that must not shift the next
    rounds.finished("a", clock.now());
    EXPECT_EQ(rounds.next()->since_start, 100ms * (i + 1));
    clock.set({100ms * (i + 1)});
  }
}

TEST_F(RoundsTest, WhoIsHurriedIsDueNow) {
  chance = 0;
  rounds.add("a", {10s, 0}, clock.now()), rounds.add("b", {10s, 0}, clock.now());
  for (const std::string& key : due()) rounds.finished(key, clock.now());
  clock.advance(1s);
  EXPECT_TRUE(due().empty());
  rounds.hurry("a", clock.now()), rounds.hurry("nobody", clock.now());
  EXPECT_EQ(due(), std::vector<std::string>{"a"});
  rounds.finished("a", clock.now());
  EXPECT_EQ(rounds.next()->since_start, 10s) << "b's";
  clock.set({10s});
  EXPECT_EQ(due(), std::vector<std::string>{"b"});
  clock.set({11s});
  EXPECT_EQ(due(), std::vector<std::string>{"a"}) << "an interval after it was hurried";
}

TEST_F(RoundsTest, WhoIsHurriedUnderWayIsDueAsSoonAsItHasEnded) {
  chance = 0;
  rounds.add("a", {10s, 0}, clock.now());
  ASSERT_EQ(due().size(), 1U);
  clock.advance(100ms);
  rounds.hurry("a", clock.now()), rounds.hurry("a", clock.now());
  EXPECT_TRUE(due().empty()) << "never twice at a time";
  rounds.finished("a", clock.now());
  EXPECT_EQ(due(), std::vector<std::string>{"a"});
  rounds.finished("a", clock.now());
  EXPECT_TRUE(due().empty()) << "and once";
}

TEST_F(RoundsTest, JitterSpreadsAroundTheInterval) {
  std::mt19937 engine{7};
  std::uniform_real_distribution<double> even{0, 1};
  rounds.add("a", {1000ms, 0.2}, clock.now());
  clock.set(*rounds.next());
  double sum = 0;
  Nanoseconds least = 1h, most = 0s;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(due().size(), 1u);
    chance = even(engine);
    rounds.finished("a", clock.now());
    const Nanoseconds step = *rounds.next() - clock.now();
    least = std::min(least, step), most = std::max(most, step);
    sum += std::chrono::duration<double>(step).count();
    clock.set(*rounds.next());
  }
  EXPECT_GE(least, 900ms);
  EXPECT_LE(most, 1100ms);
  EXPECT_LT(least, 910ms) << "expected the whole spread to be used";
  EXPECT_GT(most, 1090ms);
  EXPECT_NEAR(sum / 1000, 1.0, 0.01);
}

TEST_F(RoundsTest, ACheckIsNeverUnderWayTwice) {
  rounds.add("a", {100ms, 0}, clock.now());
  clock.advance(100ms);
  EXPECT_EQ(due().size(), 1u);
  clock.advance(10s);
  EXPECT_TRUE(due().empty());
  EXPECT_FALSE(rounds.next());
}

TEST_F(RoundsTest, WhatASlowCheckMissedIsNotMadeUpFor) {
  rounds.add("a", {100ms, 0}, clock.now());
  clock.advance(100ms);
  due();
  clock.advance(10s);
  rounds.finished("a", clock.now());
  EXPECT_EQ(due().size(), 1u) << "at once, and";
  rounds.finished("a", clock.now());
  clock.advance(1ms);
  EXPECT_LE(due().size(), 1u);
}

TEST_F(RoundsTest, NoMoreThanAskedForAreTakenAndTheLongestDueGoFirst) {
  chance = 0.9;
  rounds.add("late", {100ms, 0}, clock.now());
  chance = 0.1;
  rounds.add("early", {100ms, 0}, clock.now());
  clock.advance(1s);
  EXPECT_EQ(due(1), std::vector<std::string>{"early"});
  EXPECT_EQ(due(1), std::vector<std::string>{"late"});
  EXPECT_TRUE(due(1).empty());
}

TEST_F(RoundsTest, ARemovedCheckDoesNotComeBackWhenItFinishes) {
  rounds.add("a", {100ms, 0}, clock.now());
  clock.advance(100ms);
  due();
  rounds.remove("a");
  rounds.finished("a", clock.now());
  EXPECT_FALSE(rounds.next());
}

TEST_F(RoundsTest, ANewPaceHoldsFromTheNextTurnOn) {
  chance = 0;
  rounds.add("a", {100ms, 0}, clock.now());
  due();
  rounds.change("a", {1s, 0});
  rounds.finished("a", clock.now());
  EXPECT_EQ(rounds.next()->since_start, 1s);
}

}  // namespace
}  // namespace tandem::health
