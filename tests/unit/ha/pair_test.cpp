// SPDX-License-Identifier: Apache-2.0
// The pair as a whole, row by row of the decision table of ha.md.
#include <gtest/gtest.h>

#include "tests/unit/ha/duo.h"

namespace tandem::ha::testing {
namespace {

struct PairTest : ::testing::Test {
  Duo duo;
  void both_up() {
    duo.start(0), duo.start(1);
    duo.run(2s);
    ASSERT_EQ(duo.roles(), "AS SA") << "each prefers its own group";
    for (Side& side : duo.nodes) side.changes.clear(), side.announcements = 0, side.adverts = 0;
  }
  std::size_t takes_of(std::size_t group) const {
    std::size_t takes = 0;
    for (const Side& side : duo.nodes)
      for (const Change& change : side.changes) takes += index(change.group) == group && change.after == Role::active;
    return takes;
  }
  std::size_t changes() const { return duo.nodes[0].changes.size() + duo.nodes[1].changes.size(); }
};

TEST_F(PairTest, BothStartAtOnceAndEachServesTheGroupItPrefers) {
  duo.start(0), duo.start(1);
  duo.run(100ms);
  EXPECT_EQ(duo.roles(), "AS SA") << "hearing each other, they need not wait for the start delay";
}

TEST_F(PairTest, AGroupThatPrefersNobodyGoesToOneOfTheTwo) {
  duo.change = [](Plan& plan, std::size_t) { plan.groups[0].preferred = plan.groups[1].preferred = false; };
  duo.start(0), duo.start(1);
  duo.run(1s);
  EXPECT_EQ(duo.roles(), "AA SS");
  for (auto& from : duo.lost) from = {true, true, true};
  duo.run(1s);
  duo.lost = {};
  duo.run(300ms);
  EXPECT_EQ(duo.serves(0, 0) + duo.serves(1, 0), 1);
}

TEST_F(PairTest, AloneItWaitsForTheStartDelayAndThenTakesAll) {
  duo.start(0);
  duo.run(4900ms);
  EXPECT_EQ(duo.roles(), "?? --");
  duo.run(200ms);
  EXPECT_EQ(duo.roles(), "AA --");
}

TEST_F(PairTest, ANodeThatBootsAndCannotBeHeardTakesNothingWhileItSeesThePeerServe) {
  duo.start(0);
  duo.run(6s);
  duo.start(1);
  duo.lost[1] = {true, true, true};
  for (std::size_t path = 0; path < Duo::kPaths; ++path) duo.lost[0][path] = path == kSyncPath;
  duo.hellos_lost = true;  // no session, so no hello is understood; VRRP is
  duo.run(8s);
  EXPECT_EQ(duo.roles(), "AA ??");
}

TEST_F(PairTest, ANodeThatBootsTakesNothingWhileThePeerServesAndItIsNotInStep) {
  duo.start(0);
  duo.run(6s);
  duo.start(1);
  duo.nodes[0].local.peer_has_all = false;
  duo.run(20s);
  EXPECT_EQ(duo.roles(), "AA SS");
  duo.nodes[0].local.peer_has_all = true;
  duo.run(3s);
  EXPECT_EQ(duo.roles(), "AS SA") << "in step, it gets the group it prefers, by planned failover";
  EXPECT_EQ(duo.last_cause(0, 1), Cause::preferred);
}

TEST_F(PairTest, EveryPathSilentForTheDeadTimeTheOtherTakesAll) {
  both_up();
  duo.stop(0);
  const long gap = duo.run_until(1s, [&] { return duo.serves(1, 0); });
  EXPECT_GT(gap, 99);
  EXPECT_LE(gap, 151) << "three intervals of 50 ms after the last hello";
  EXPECT_EQ(duo.last_cause(1, 0), Cause::peer_silent);
  EXPECT_EQ(duo.nodes[1].roles.on_peer, 0U) << "nothing is handed to the dead";
}

TEST_F(PairTest, OneLivingPathIsEnoughForNobodyToTakeAnything) {
  both_up();
  for (std::size_t from : {0, 1}) duo.lost[from][1] = duo.lost[from][2] = true;
  duo.nodes[0].local.lans[0].witness = duo.nodes[1].local.lans[0].witness = true;
  duo.run(10s);
  EXPECT_EQ(duo.roles(), "AS SA") << "equal witnesses: the incumbent stays";
  EXPECT_EQ(changes(), 0U);
}

TEST_F(PairTest, AStalledWorkerSaysSoAndThePeerTakesAtOnce) {
  both_up();
  duo.nodes[0].local.stalled_workers = 2;
  const long gap = duo.run_until(1s, [&] { return duo.serves(1, 0) && !duo.serves(0, 0); });
  EXPECT_GE(gap, 0);
  EXPECT_LE(gap, 110) << "one hello there, one back";
  EXPECT_EQ(duo.last_cause(1, 0), Cause::peer_unfit);
}

TEST_F(PairTest, AnUnfitNodeKeepsItsGroupWhileThePeerIsNotInStep) {
  both_up();
  duo.nodes[0].local.peer_has_all = false;
  duo.nodes[0].local.lans[0].link = false;
  duo.run(2s);
  EXPECT_TRUE(duo.serves(0, 0)) << "one LAN is left to it, and the other would break what lives there";
  duo.nodes[0].local.lans[1].link = false;
  duo.run(300ms);
  EXPECT_TRUE(duo.serves(1, 0)) << "it serves nobody any more";
}

TEST_F(PairTest, ANodeCutOffFromAGroupsBackendsLosesThatGroupAndGetsItBackOnceItReachesThem) {
  both_up();
  duo.nodes[0].local.cut_off = 1;
  const long gap = duo.run_until(1s, [&] { return duo.serves(1, 0) && !duo.serves(0, 0); });
  EXPECT_GE(gap, 0);
  EXPECT_LE(gap, 110) << "one hello there, one back";
  EXPECT_EQ(duo.last_cause(1, 0), Cause::peer_unfit);
  duo.run(20s);
  EXPECT_EQ(duo.roles(), "SS AA") << "it prefers it, and is not given it as long as it is cut off";
  duo.nodes[0].local.cut_off = 0;
  duo.run(5s);
  EXPECT_EQ(duo.roles(), "AS SA");
  EXPECT_EQ(takes_of(0), 2U);
}

TEST_F(PairTest, ACutOffNodeKeepsItsGroupWhereThePeerIsNoBetterOrNotThere) {
  both_up();
  duo.nodes[0].local.cut_off = duo.nodes[1].local.cut_off = 1;
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "AS SA") << "both are";
  duo.nodes[0].local.peer_has_all = false;
  duo.run(100ms);
  duo.nodes[1].local.cut_off = 0;
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "AS SA") << "the other would break what lives there";
  duo.stop(1);
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "AA --") << "the last node never gives up a group";
}

TEST_F(PairTest, ALinkThatGoesDownMovesItsGroupsWithinAnInterval) {
  both_up();
  duo.nodes[0].local.lans[1].link = false;
  EXPECT_LE(duo.run_until(1s, [&] { return duo.serves(1, 0); }), 55);
  duo.run(1s);
  EXPECT_EQ(duo.roles(), "SS AA");
}

TEST_F(PairTest, ALanSilentBothWaysGoesToWhoIsHeardByOthers) {
  both_up();
  duo.lost[0][1] = duo.lost[1][1] = true;
  duo.nodes[0].local.lans[0].witness = false;
  const long gap = duo.run_until(2s, [&] { return duo.serves(1, 0); });
  EXPECT_GE(gap, 300) << "witnesses are asked first";
  EXPECT_LE(gap, 520);
  duo.run(1s);
  EXPECT_EQ(duo.roles(), "SS AA");
  EXPECT_EQ(duo.last_cause(1, 0), Cause::lan_silent);
}

TEST_F(PairTest, ALanSilentOneWayIsJudgedByTheWitnessesToo) {
  both_up();
  duo.lost[0][2] = true;  // 1 does not hear 0 on the inside LAN
  duo.nodes[0].local.lans[1].witness = false;
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "SS AA");
  EXPECT_EQ(changes(), 2U);
}

TEST_F(PairTest, ASilentSyncLinkMovesNothingAndForbidsPlannedMoves) {
  both_up();
  duo.lost[0][kSyncPath] = duo.lost[1][kSyncPath] = true;
  duo.run(2s);
  duo.nodes[0].pair->fail_over(GroupId{0}, false);
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "AS SA");
  EXPECT_EQ(changes(), 0U);
}

TEST_F(PairTest, AClaimByAStrangerIsReportedAndNotObeyed) {
  both_up();
  const Advert forged{1, 254, 40950ms, {}, {}};
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(duo.nodes[0].pair->hear_advert(GroupId{0}, 0, forged, Duo::address(7, 1), false, duo.now));
    duo.run(50ms);
  }
  EXPECT_EQ(changes(), 0U);
}

TEST_F(PairTest, AForgedAdvertDoesNotKeepTheLastNodeFromServing) {
  both_up();
  duo.stop(0);
  for (int i = 0; i < 20; ++i) {
    duo.nodes[1].pair->hear_advert(GroupId{0}, 0, {1, 254, 40950ms, {}, {}}, Duo::address(7, 1), false, duo.now);
    duo.run(10ms);
  }
  EXPECT_TRUE(duo.serves(1, 0));
}

TEST_F(PairTest, WhoSleptCannotJudgeSilence) {
  both_up();
  duo.freeze(0), duo.freeze(1);
  duo.now = duo.now + 3s;
  duo.thaw(0), duo.thaw(1);
  duo.run(2s);
  EXPECT_EQ(changes(), 0U) << "both slept: neither may say the other was silent";
}

TEST_F(PairTest, WhoSleptSoonAfterItsStartListensForTheWholeStartDelayAllTheSame) {
  duo.start(0);
  duo.run(1s);
  duo.freeze(0);
  duo.now = duo.now + 10s;
  duo.thaw(0);
  duo.run(3900ms);
  EXPECT_EQ(duo.roles(), "?? --");
  duo.run(200ms);
  EXPECT_EQ(duo.roles(), "AA --");
}

TEST_F(PairTest, WhoSleptAfterItHadListenedForLongEnoughListensOnceMore) {
  duo.start(0);
  duo.run(4990ms);
  duo.freeze(0);
  duo.start(1);
  duo.lost[1] = {true, true, true};  // nothing of what it says waits for the sleeper
  duo.run(6s);
  ASSERT_EQ(duo.roles(), "?? AA");
  duo.thaw(0), duo.lost[1] = {};
  duo.run(100ms);
  EXPECT_EQ(duo.roles(), "SS AA") << "it hears of the other within an interval";
}

TEST_F(PairTest, ASleeperFindsItsGroupTakenAndLetsItGoWithoutAWord) {
  for (const auto sleep : {200ms, 700ms, 2000ms}) {
    both_up();
    duo.freeze(0);
    duo.run(sleep);
    EXPECT_TRUE(duo.serves(1, 0));
    duo.thaw(0);
    duo.run(1ms);
    const int announced = duo.nodes[0].announcements, adverts = duo.nodes[0].adverts;
    EXPECT_LE(duo.run_until(1s, [&] { return !duo.serves(0, 0); }), 51);
    EXPECT_EQ(duo.nodes[0].announcements, announced);
    EXPECT_EQ(duo.nodes[0].adverts, adverts) << "it would teach switches the wrong way";
    EXPECT_EQ(duo.last_cause(0, 0), Cause::conflict);
    duo.run(5s);
    EXPECT_EQ(duo.roles(), "AS SA") << "and it gets it back in step";
    duo.stop(0), duo.stop(1);
    duo.run(1s);
    duo.nodes = {};
  }
}

TEST_F(PairTest, ASleeperIsNotUnfitBecauseItsWorkersSleptToo) {
  both_up();
  duo.freeze(0);
  duo.run(500ms);
  duo.thaw(0);
  duo.nodes[0].local.stalled_workers = 1;  // its own thread ran first
  duo.run(10ms);
  duo.nodes[0].local.stalled_workers = 0;
  duo.run(5s);
  EXPECT_EQ(duo.roles(), "AS SA") << "no hold-down: nothing was wrong with it";
}

TEST_F(PairTest, BothUnfitTheFitterServes) {
  both_up();
  duo.nodes[0].local.lans[0].link = duo.nodes[0].local.lans[1].link = false;
  duo.nodes[1].local.lans[0].link = false;
  duo.run(1s);
  EXPECT_EQ(duo.roles(), "SS AA");
}

TEST_F(PairTest, ASplitHealsToTheLaterTerm) {
  both_up();
  for (auto& from : duo.lost) from = {true, true, true};
  duo.run(5s);
  EXPECT_EQ(duo.roles(), "AA AA") << "total partition: both serve";
  duo.lost = {};
  EXPECT_LE(duo.run_until(1s, [&] { return duo.roles() == "SA AS" || duo.roles() == "SS AA" || duo.roles() == "AA SS"; }), 110);
  EXPECT_GE(duo.nodes[0].pair->conflicts(GroupId{0}) + duo.nodes[1].pair->conflicts(GroupId{0}), 1U);
  duo.run(10s);
  EXPECT_EQ(duo.roles(), "AS SA");
}

TEST_F(PairTest, WhoIsNotHeardOnAnyPathGivesWay) {
  both_up();
  duo.lost[0] = {true, true, true};  // 1 hears nothing of 0 and takes all; 0 hears 1 well
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "SS AA") << "both active for ever is what plain VRRP does";
}

TEST_F(PairTest, PlannedFailoverLeavesNoMomentWithoutServer) {
  both_up();
  duo.nodes[0].pair->fail_over(GroupId{0}, false);
  const long took = duo.run_until(2s, [&] {
    EXPECT_TRUE(duo.serves(0, 0) || duo.serves(1, 0));
    return duo.roles() == "SS AA";
  });
  EXPECT_GE(took, 0);
  EXPECT_LE(took, 5) << "hellos leave at once when something changed";
  EXPECT_EQ(duo.last_cause(0, 0), Cause::asked);
  EXPECT_TRUE(duo.nodes[0].pair->groups()[0].receives(duo.now)) << "strays are still forwarded";
  EXPECT_EQ(duo.nodes[1].roles.on_peer, 1U) << "and answers that come to the new node meanwhile go back to it";
  duo.run(1100ms);
  EXPECT_FALSE(duo.nodes[0].pair->groups()[0].receives(duo.now));
  EXPECT_EQ(duo.nodes[1].roles.on_peer, 0U);
  duo.run(1min);
  EXPECT_EQ(duo.roles(), "SS AA") << "what an operator moved, no preference moves back";
  duo.nodes[1].pair->fail_over(GroupId{0}, false);
  duo.run(100ms);
  EXPECT_EQ(duo.roles(), "AS SA");
}

TEST_F(PairTest, PlannedFailoverWaitsUntilThePeerIsInStepAndAgrees) {
  both_up();
  duo.nodes[0].local.peer_has_all = false;
  duo.run(100ms);
  duo.nodes[0].pair->fail_over(GroupId{0}, false);
  duo.run(1s);
  EXPECT_EQ(duo.roles(), "AS SA");
  duo.nodes[1].local.pair_digest = 7;
  duo.run(100ms);
  duo.nodes[0].local.peer_has_all = true;
  duo.run(1s);
  EXPECT_EQ(duo.roles(), "AS SA") << "another configuration";
  duo.nodes[0].pair->fail_over(GroupId{0}, true);
  duo.run(1s);
  EXPECT_EQ(duo.roles(), "SS AA") << "forced";
}

TEST_F(PairTest, ANodeThatLeavesIsRelievedFirst) {
  both_up();
  duo.nodes[0].pair->leave();
  const long took = duo.run_until(1s, [&] { return !duo.nodes[0].pair->serves_any(); });
  EXPECT_GE(took, 0);
  EXPECT_LE(took, 60);
  EXPECT_EQ(duo.roles(), "SS AA");
}

TEST_F(PairTest, HoldAllowsNoChangeButThePeersDeath) {
  both_up();
  duo.nodes[1].pair->hold(duo.now + 1h);
  duo.run(100ms);
  duo.nodes[0].local.lans[0].link = false;
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "AS SA");
  duo.stop(0);
  duo.run(300ms);
  EXPECT_TRUE(duo.serves(1, 0));
}

TEST_F(PairTest, AFlappingLinkMovesAGroupOnce) {
  both_up();
  for (int flap = 0; flap < 150; ++flap) {  // five times a second for 30 s
    duo.nodes[0].local.lans[0].link = flap % 2 != 0;
    duo.run(100ms);
  }
  EXPECT_LE(takes_of(0), 2U);
}

TEST_F(PairTest, BothLinksFlappingDoNotSwingTheGroupToAndFro) {
  both_up();
  for (int flap = 0; flap < 150; ++flap) {
    duo.nodes[0].local.lans[0].link = flap % 2 != 0;
    duo.nodes[1].local.lans[0].link = flap % 2 == 0;
    duo.run(100ms);
  }
  EXPECT_LE(takes_of(0), 2U);
}

TEST_F(PairTest, AnnouncementsComeOnceAtOnceThriceMoreAndThenEveryMinute) {
  both_up();
  duo.stop(0);
  duo.run(170ms);
  EXPECT_EQ(duo.nodes[1].announcements, 1);
  duo.run(2s);
  EXPECT_EQ(duo.nodes[1].announcements, 1 + 3);
  duo.run(59s);
  const int minute = duo.nodes[1].announcements;
  EXPECT_EQ(minute, 1 + 3 + 1 + 1) << "one for the group it took, one for its own";
}

TEST_F(PairTest, WithoutAKeyTheyElectByVrrpAlone) {
  duo.change = [](Plan& plan, std::size_t) { plan.has_key = false; };
  duo.start(0), duo.start(1);
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "AS SA");
  duo.stop(0);
  const long gap = duo.run_until(1s, [&] { return duo.serves(1, 0); });
  EXPECT_GE(gap, 100);
  EXPECT_LE(gap, 156) << "three intervals and the skew of priority 250";
  duo.start(0);
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "AS SA") << "the higher priority preempts";
  EXPECT_EQ(duo.nodes[1].farewells, 0) << "who gives way to a better claim does not say that it leaves";
}

TEST_F(PairTest, ByVrrpAloneWhoLeavesSaysSoAndTheOtherDoesNotWaitForItsSilence) {
  duo.change = [](Plan& plan, std::size_t) { plan.has_key = false; };
  duo.start(0), duo.start(1);
  duo.run(2s);
  duo.nodes[0].pair->leave();
  EXPECT_LE(duo.run_until(1s, [&] { return duo.serves(1, 0); }), 3) << "the skew of priority 250 and a step";
  EXPECT_FALSE(duo.serves(0, 0));
  EXPECT_EQ(duo.nodes[0].farewells, 1);
  duo.run(2s);
  EXPECT_EQ(duo.roles(), "SS AA") << "who is about to stop takes nothing back";
}

}  // namespace
}  // namespace tandem::ha::testing
