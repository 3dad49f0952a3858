// SPDX-License-Identifier: Apache-2.0
// After a split: both nodes had the group, and each opened a connection of one client, to another server.
#include "dataplane/flows/rival.h"

#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;

TEST(Rivals, WhoHasShakenHandsPrevailsThenWhoWasHeardLaterThenWhoSawItBeginThenTheLaterOrder) {
  const Rival early{{.term = 5, .incarnation = 9}, false, false, 1000}, late{{.term = 5, .incarnation = 1}, false, false, 1010};
  EXPECT_TRUE(prevails(late, early));
  EXPECT_FALSE(prevails(early, late));
  const Rival waits{{.term = 9, .incarnation = 1}, false, true, 1020};
  EXPECT_TRUE(prevails(early, waits));
  EXPECT_FALSE(prevails(waits, early));
  Rival same = early;
  same.order.term = 6, same.heard_seconds = 1000 + kSameMomentSeconds;
  EXPECT_TRUE(prevails(same, early));
  same.guessed = true;
  EXPECT_FALSE(prevails(same, early)) << "it met it midway";
  same.guessed = false, same.heard_seconds = 1000 - kSameMomentSeconds;
  EXPECT_TRUE(prevails(same, early)) << "a second is no difference";
}

class FlowRivals : public testing::Test {
 protected:
  FlowRivals() {
    node.be(Role::active, 5);
    node.establish(1);
    node.take();
    own = node.only();
  }

  std::uint32_t now() const { return static_cast<std::uint32_t>(node.herd.clock.now().since_start / 1s); }
  // The other node's, of the same client.
  SyncRecord rival(std::uint16_t term, std::uint32_t heard) const {
    SyncRecord record = own;
    record.backend = address(own.backend == address("10.0.1.13") ? "10.0.1.12" : "10.0.1.13");
    record.term = term, record.incarnation = 77, record.heard_seconds = heard;
    return record;
  }
  // What the node tells of it now; one record.
  SyncRecord told() {
    const std::vector<SyncRecord> all = node.take();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? SyncRecord{} : all.front();
  }

  FlowNode node;
  SyncRecord own;
};

TEST_F(FlowRivals, TheOwnerKeepsWhatWasHeardLaterThoughTheOtherHasTheLaterOrder) {
  node.pass(10);
  node.receive(from_client(1, kTcpAck));
  node.be(Role::active, 7);  // the split is over, and this node has kept the group
  node.learn(rival(6, now() - 8));
  EXPECT_EQ(node.only().backend, own.backend);
  EXPECT_EQ(node.applied(SyncOutcome::conflict), 1U);
  const SyncRecord sentence = told();
  EXPECT_EQ(sentence.operation, Operation::put);
  EXPECT_EQ(sentence.term, 7) << "later than both, so that it stands at the other node too";
  EXPECT_NE(sentence.flags & kConnJudged, 0);
  EXPECT_EQ(sentence.heard_seconds, now());
}

TEST_F(FlowRivals, TheOwnerTakesWhatWasHeardLaterThoughItsOwnHasTheLaterOrder) {
  node.pass(10);
  node.be(Role::active, 7);
  const SyncRecord theirs = rival(4, now() - 1);
  node.learn(theirs);
  EXPECT_EQ(node.only().backend, theirs.backend);
  const SyncRecord sentence = told();
  EXPECT_EQ(sentence.backend, theirs.backend);
  EXPECT_EQ(sentence.term, 7);
  EXPECT_NE(sentence.flags & kConnJudged, 0);
}

TEST_F(FlowRivals, WhatEndedBeforeOursBeganIsMerelyLate) {
  node.pass(10);
  node.learn(rival(4, now() - 10));
  EXPECT_EQ(node.only().backend, own.backend);
  EXPECT_EQ(node.applied(SyncOutcome::ignored), 1U);
  EXPECT_NE(told().flags & kConnJudged, 0) << "who tells of it is to know";
}

TEST_F(FlowRivals, WhoDoesNotOwnItAndHoldsTheBetterTellsSoAndObeysTheSentence) {
  node.pass(10);
  node.receive(from_client(1, kTcpAck));
  node.be(Role::shadow, 6);
  const SyncRecord theirs = rival(6, now() - 8);
  node.learn(theirs);
  EXPECT_EQ(node.only().backend, own.backend);
  const SyncRecord plea = told();
  EXPECT_EQ(plea.operation, Operation::put) << "a report of what the owner does not have would be no news to it";
  EXPECT_EQ(plea.order(), own.order());
  SyncRecord sentence = theirs;
  sentence.flags |= kConnJudged, sentence.heard_seconds = now();
  node.learn(sentence);
  EXPECT_EQ(node.only().backend, theirs.backend);
  EXPECT_TRUE(node.take().empty());
}

TEST_F(FlowRivals, ASentenceThatWasPassedBeforeOurLatestWordArrivedIsAnsweredByIt) {
  node.pass(10);
  node.receive(from_client(1, kTcpAck));
  node.be(Role::shadow, 6);
  SyncRecord sentence = rival(6, now() - 8);
  sentence.flags |= kConnJudged;
  node.learn(sentence);
  EXPECT_EQ(node.only().backend, own.backend);
  const SyncRecord plea = told();
  EXPECT_EQ(plea.operation, Operation::put);
  EXPECT_GT(plea.heard_seconds, sentence.heard_seconds + 1);
}

TEST_F(FlowRivals, TheSentenceOfAFormerOwnerOverWhatItHeardSinceIsTakenAndSaidAnew) {
  node.pass(10);
  node.be(Role::active, 7);
  SyncRecord theirs = rival(0, now());
  theirs.backend = own.backend, theirs.flags |= kConnJudged;
  node.learn(theirs);
  const SyncRecord answer = told();
  EXPECT_EQ(answer.term, 7);
  EXPECT_EQ(answer.heard_seconds, theirs.heard_seconds);
}

TEST_F(FlowRivals, WhoDoesNotOwnItAndHoldsTheWorseYieldsAtOnce) {
  node.pass(10);
  node.be(Role::shadow, 6);
  const SyncRecord theirs = rival(6, now());
  node.learn(theirs);
  EXPECT_EQ(node.only().backend, theirs.backend);
  EXPECT_TRUE(node.take().empty());
}

TEST_F(FlowRivals, AHandshakeThatNeverEndedGivesWay) {
  node.pass(10);
  node.be(Role::active, 7);
  SyncRecord waiting = rival(6, now());
  waiting.state = ConnState::half_open, waiting.seen = kSeenSynClient;
  node.learn(waiting);
  EXPECT_EQ(node.only().backend, own.backend);
}

TEST_F(FlowRivals, AnEndOfWhatItsClientSpokeOnSinceIsNotObeyedByItsOwner) {
  SyncRecord end = own;
  end.operation = Operation::remove, end.heard_seconds = now();
  node.pass(10);
  node.receive(from_client(1, kTcpAck));
  node.learn(end);
  EXPECT_EQ(node.only().backend, own.backend);
  EXPECT_EQ(told().operation, Operation::put) << "the other is to have it again";
  node.be(Role::shadow, 6);
  node.learn(end);
  EXPECT_TRUE(node.connections().empty()) << "of the owner it is obeyed";
}

// Its owner's client began anew, and the words come the wrong way round: the end of the old one behind the new one.
TEST_F(FlowRivals, AnEndDoesNotTakeWhatIsHeldAgainstTheOwnersOther) {
  SyncRecord end = own, anew = own;
  end.operation = Operation::remove, end.heard_seconds = now();
  anew.incarnation += 5, anew.heard_seconds = now();
  node.pass(10);
  node.receive(from_client(1, kTcpAck));
  node.be(Role::shadow, 6);
  node.learn(anew);
  EXPECT_EQ(told().order(), own.order()) << "ours was heard since";
  node.learn(end);
  EXPECT_EQ(node.only().order(), own.order());
  EXPECT_EQ(told().operation, Operation::put) << "and is told once more, for the owner's sentence";
  anew.incarnation += 5, anew.heard_seconds = now();
  node.learn(anew);
  EXPECT_EQ(node.only().order(), anew.order());
  end = anew, end.operation = Operation::remove;
  node.learn(end);
  EXPECT_TRUE(node.connections().empty()) << "nothing is held against it any more";
}

TEST_F(FlowRivals, TheEndOfALaterOneThatWeNeverHeardOfDoesNotEndOurs) {
  SyncRecord end = rival(8, now());
  end.operation = Operation::remove;
  node.be(Role::shadow, 8);
  node.learn(end);
  EXPECT_EQ(node.only().backend, own.backend);
  EXPECT_EQ(told().operation, Operation::put) << "the owner may have none";
}

TEST_F(FlowRivals, WhatItsClientOpensAnewHasALaterOrderThanItsOldSelfAndIsNobodysShadow) {
  node.be(Role::active, 6);
  SyncRecord told_before = own;
  told_before.term = 5, told_before.incarnation = own.incarnation + 1;
  node.learn(told_before);
  node.take();
  node.open(1);  // it lost its end, and asks again
  const SyncRecord anew = told();
  EXPECT_EQ(anew.operation, Operation::put);
  EXPECT_EQ(anew.term, 6);
  EXPECT_EQ(anew.backend, own.backend) << "which still has the old one";
  node.be(Role::shadow, 7);
  node.pass(10);
  node.learn(rival(7, now() - 15));
  EXPECT_EQ(node.only().backend, own.backend) << "made here, so that the owner's other one is a rival";
}

TEST_F(FlowRivals, ToOneBackendTheEarlierOnesEndDoesNotTakeTheOneThatIsInUse) {
  node.pass(10);
  node.receive(from_client(1, kTcpAck));
  SyncRecord earlier = own;
  earlier.incarnation += 5, earlier.heard_seconds = now() - 8;
  node.learn(earlier);
  earlier.operation = Operation::remove;
  node.learn(earlier);
  EXPECT_EQ(node.only().backend, own.backend);
  EXPECT_GT(told().order(), earlier.order());
}

TEST_F(FlowRivals, AFormerOwnersSentenceDoesNotHoldOverWhatItsSuccessorHeardSince) {
  node.pass(10);
  node.receive(from_client(1, kTcpAck));
  SyncRecord sentence = rival(9, now() - 8);
  sentence.flags |= kConnJudged;
  node.learn(sentence);
  EXPECT_EQ(node.only().backend, own.backend);
  EXPECT_GT(told().order(), sentence.order());
}

TEST_F(FlowRivals, WhenAShadowWasLearnedSaysNothingOfWhenItBegan) {
  SyncRecord shadow = rival(5, now());
  shadow.incarnation = own.incarnation + 9, shadow.flags |= kConnJudged;
  node.be(Role::shadow, 5);
  node.pass(10);
  node.learn(shadow);  // it was silent for ten seconds when it arrived
  node.be(Role::active, 6);
  SyncRecord later = own;
  later.heard_seconds = now() - 2;
  node.learn(later);
  EXPECT_EQ(node.only().backend, own.backend) << "heard later, though before the shadow was learned";
}

TEST_F(FlowRivals, AnOwnerThatObeysAnEndConfirmsIt) {
  SyncRecord end = own;
  end.operation = Operation::remove, end.heard_seconds = now();
  node.learn(end);
  EXPECT_TRUE(node.connections().empty());
  EXPECT_EQ(told().operation, Operation::remove) << "what was told before may have brought it back there";
}

TEST_F(FlowRivals, AnOwnerAnswersWhatItDidNotKnowUnderALaterOrder) {
  SyncRecord end = own, echo = own;
  end.operation = Operation::remove, end.heard_seconds = now();
  node.learn(end);
  node.take();
  echo.heard_seconds = now();
  node.learn(echo);  // the other told all it had before it heard of the end
  const SyncRecord answer = told();
  EXPECT_EQ(answer.operation, Operation::put);
  EXPECT_GT(answer.order(), end.order()) << "the end, said again, would take it there and leave it here";
}

TEST_F(FlowRivals, WhatTheOwnerAnsweredTooEarlyIsLearnedUnderTheOldOrderToo) {
  SyncRecord end = own, waits = own;
  end.operation = Operation::remove, end.heard_seconds = waits.heard_seconds = now();
  node.learn(end);
  waits.state = ConnState::half_open, waits.seen = kSeenSynClient;
  node.learn(waits);
  SyncRecord established = own;
  established.heard_seconds = now();
  node.learn(established);
  EXPECT_EQ(node.only().state, ConnState::established);
}

TEST_F(FlowRivals, WhatTheOwnerMayNeverHaveHeardOfIsToldWhole) {
  node.be(Role::shadow, 6);
  for (const auto& worker : node.herd.workers) EXPECT_TRUE(node.flows.request_refresh(worker->id(), own));
  EXPECT_EQ(told().operation, Operation::put);
}

}  // namespace
}  // namespace tandem::test
