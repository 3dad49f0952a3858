// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/openings.h"

#include <gtest/gtest.h>

namespace tandem::verdict {
namespace {

// Five of the last ten.
struct OpeningsOf : testing::Test {
  Openings openings;
  Begun counted;
  bool more(std::uint64_t answered, std::uint64_t refused, std::uint64_t unanswered = 0) {
    counted += {answered, refused, unanswered};
    return openings.look(counted, {5, 10});
  }
  void SetUp() override { more(1000, 1000, 1000); }  // from before anybody looked
};

TEST_F(OpeningsOf, WhatCameBeforeTheFirstLookSaysNothing) {
  EXPECT_FALSE(openings.is_suspect());
  EXPECT_EQ(openings.recent().all(), 0U);
}

TEST_F(OpeningsOf, TheFifthOfTenMakesASuspect) {
  EXPECT_FALSE(more(0, 4)) << "four, of whatever";
  EXPECT_FALSE(openings.is_suspect());
  EXPECT_TRUE(more(0, 0, 1));
  EXPECT_TRUE(openings.is_suspect());
  EXPECT_EQ(openings.recent().refused, 4U);
  EXPECT_EQ(openings.recent().unanswered, 1U);
}

TEST_F(OpeningsOf, FailuresThatLieFartherBackThanTheLastTenDoNotCount) {
  for (int i = 0; i < 4; ++i) more(0, 1);
  for (int i = 0; i < 10; ++i) more(1, 0);
  EXPECT_FALSE(more(0, 1));
  EXPECT_EQ(openings.recent().failed(), 1U);
  EXPECT_EQ(openings.recent().all(), 10U);
}

TEST_F(OpeningsOf, ManyAtOnceAreJudgedByTheirShare) {
  EXPECT_FALSE(more(600, 400)) << "four of ten";
  EXPECT_TRUE(more(500, 500));
}

TEST_F(OpeningsOf, AdviceIsDueOnlyWhenMoreFail) {
  EXPECT_TRUE(more(0, 6));
  EXPECT_FALSE(more(0, 0)) << "nobody came";
  EXPECT_FALSE(more(1, 0)) << "who came was answered";
  EXPECT_TRUE(openings.is_suspect());
  EXPECT_TRUE(more(0, 1));
}

TEST_F(OpeningsOf, ASuspectIsOneUntilLessThanHalfOfThatShareFails) {
  for (int i = 0; i < 6; ++i) more(0, 1);
  for (int i = 0; i < 6; ++i) more(1, 0);
  EXPECT_EQ(openings.recent().failed(), 4U);
  EXPECT_TRUE(openings.is_suspect()) << "at the limit it would come and go with each connection";
  more(1, 0), more(1, 0);
  EXPECT_EQ(openings.recent().failed(), 2U);
  EXPECT_FALSE(openings.is_suspect());
}

TEST_F(OpeningsOf, ForgottenIsAsNew) {
  more(0, 6);
  openings.forget();
  EXPECT_FALSE(openings.is_suspect());
  EXPECT_FALSE(more(0, 6)) << "the first look knows nothing yet";
  EXPECT_FALSE(more(0, 4));
  EXPECT_TRUE(more(0, 1));
}

TEST_F(OpeningsOf, OneOfOneIsEnoughWhereThatIsAskedFor) {
  Openings strict;
  strict.look({}, {1, 1});
  EXPECT_TRUE(strict.look({0, 1, 0}, {1, 1}));
  EXPECT_FALSE(strict.look({1, 1, 0}, {1, 1}));
  EXPECT_FALSE(strict.is_suspect());
}

}  // namespace
}  // namespace tandem::verdict
