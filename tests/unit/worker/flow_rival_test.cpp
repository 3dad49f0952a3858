// SPDX-License-Identifier: Apache-2.0
// After a split: both nodes had the group, and each opened a connection of one client, to another server.
#include "dataplane/worker/rival.h"

#include "tests/unit/worker/flow_node.h"

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
  sentence.flags |= kConnJudged;
  node.learn(sentence);
  EXPECT_EQ(node.only().backend, theirs.backend);
  EXPECT_TRUE(node.take().empty());
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

TEST_F(FlowRivals, TheEndOfALaterOneThatWeNeverHeardOfDoesNotEndOurs) {
  SyncRecord end = rival(8, now());
  end.operation = Operation::remove;
  node.be(Role::shadow, 8);
  node.learn(end);
  EXPECT_EQ(node.only().backend, own.backend);
  EXPECT_EQ(told().operation, Operation::put) << "the owner may have none";
}

TEST_F(FlowRivals, WhatTheOwnerMayNeverHaveHeardOfIsToldWhole) {
  node.be(Role::shadow, 6);
  for (const auto& worker : node.herd.workers)
    EXPECT_TRUE(node.flows.request_refresh(worker->id(), {own.handle, Family::ipv4, own.order()}));
  EXPECT_EQ(told().operation, Operation::put);
}

}  // namespace
}  // namespace tandem::test
