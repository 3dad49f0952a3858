// SPDX-License-Identifier: Apache-2.0
#include "controlplane/verdict/rule.h"

#include <gtest/gtest.h>

namespace tandem::verdict {
namespace {

TEST(Rule, ANodeThatDecidesGoesByItsOwnChecks) {
  EXPECT_EQ(holding({.held = Verdict::up, .own = Sight::down, .told = Verdict::up}), Verdict::down);
  EXPECT_EQ(holding({.held = Verdict::down, .own = Sight::up, .told = Verdict::down}), Verdict::up);
  EXPECT_EQ(holding({.held = Verdict::up, .own = Sight::failing}), Verdict::up) << "one bad check is no verdict yet";
}

TEST(Rule, WhileThePeerDecidesOwnChecksAreAdvice) {
  EXPECT_EQ(holding({.decider = Decider::peer, .held = Verdict::up, .own = Sight::down, .told = Verdict::up}), Verdict::up);
  EXPECT_EQ(holding({.decider = Decider::peer, .held = Verdict::up, .own = Sight::up, .told = Verdict::down}), Verdict::down);
}

TEST(Rule, ABackendThatThePeerDoesNotKnowIsJudgedByOwnChecks) {
  EXPECT_EQ(holding({.decider = Decider::peer, .held = Verdict::up, .own = Sight::down, .told = {}}), Verdict::down);
}

TEST(Rule, WhatThePeerDoesNotKnowYetStaysAsItIs) {
  const Evidence silent{.decider = Decider::peer, .held = Verdict::down, .own = Sight::up, .told = Verdict::unknown};
  EXPECT_EQ(holding(silent), Verdict::down);
}

TEST(Rule, AfterATakeOverTheLastVerdictHoldsUntilOwnChecksConfirmTheirs) {
  Evidence taken{.held = Verdict::up, .own = Sight::down, .confirmed = false, .told = Verdict::up};
  EXPECT_EQ(holding(taken), Verdict::up);
  taken.confirmed = true;
  EXPECT_EQ(holding(taken), Verdict::down);
}

TEST(Rule, AStartThatKnowsNothingTakesTheFirstThatItSees) {
  EXPECT_EQ(holding({.own = Sight::down, .confirmed = false}), Verdict::down);
  EXPECT_EQ(holding({}), Verdict::unknown);
}

TEST(Rule, ABackendThatFailsHereAloneWithMostOfItsServiceStays) {
  EXPECT_EQ(holding({.held = Verdict::down, .own = Sight::down, .stays = true}), Verdict::up);
  EXPECT_EQ(holding({.decider = Decider::peer, .own = Sight::down, .told = Verdict::down, .stays = true}), Verdict::down)
      << "the peer decides: it has seen it fail";
}

TEST(Confirmation, TakesAsManyResultsInARowAsAChangeOfState) {
  Confirmation confirmation;
  EXPECT_TRUE(confirmation.confirmed()) << "nobody asked";
  confirmation.ask();
  for (const bool agrees : {true, true, false, true, true}) {
    confirmation.result(agrees, 3);
    EXPECT_FALSE(confirmation.confirmed());
  }
  confirmation.result(true, 3);
  EXPECT_TRUE(confirmation.confirmed());
}

}  // namespace
}  // namespace tandem::verdict
