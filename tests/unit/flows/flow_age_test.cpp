// SPDX-License-Identifier: Apache-2.0
// How long the other node's connections live here, and what a take-over does to that.
#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;

class FlowAge : public FlowPair {
 protected:
  static constexpr unsigned kHalfOpen = Timeouts{}.half_open, kEstablished = Timeouts{}.established;
  static constexpr unsigned kBeyondTheWrap = 70'000;  // a connection keeps 16 bits of seconds

  static void pass_in_strides(FlowNode& node, unsigned seconds) {
    for (; seconds >= 400; seconds -= 400) node.herd.clock.advance(399s), node.pass(1);
    node.pass(seconds);
  }
  static std::uint16_t idle_of_only(FlowNode& node) {
    std::uint16_t idle = 0;
    for (const auto& worker : node.herd.workers) {
      ConnTable4& table = worker->state().table4();
      table.walk(0, table.slots(), [&](ConnEntry4& entry) { idle = entry.idle_ticks(worker->state().expiry4().tick()); });
    }
    return idle;
  }
};

TEST_F(FlowAge, AShadowNeverAgesWhileItsOwnerLives) {
  ours.open(1);
  theirs.learn(ours.take());
  theirs.pass(20 * kHalfOpen);
  EXPECT_EQ(theirs.connections().size(), 1U);
  EXPECT_EQ(theirs.removed(RemoveReason::expired), 0U);
}

TEST_F(FlowAge, TheOwnersAgesAndTakesTheShadowAlong) {
  ours.open(1);
  carry();
  ours.pass(kHalfOpen + 1);
  carry();
  EXPECT_TRUE(ours.connections().empty() && theirs.connections().empty());
  EXPECT_EQ(theirs.removed(RemoveReason::synced), 1U);
}

TEST_F(FlowAge, ATakeOverGivesEveryConnectionItsWholeTimeAnew) {
  ours.establish(1), ours.open(2);
  carry();
  theirs.pass(kEstablished - 3);  // both would be over soon, or long ago
  theirs.be(Role::active, 2);
  theirs.pass(kHalfOpen - 1);
  EXPECT_EQ(theirs.connections().size(), 2U);
  theirs.pass(2);
  EXPECT_EQ(theirs.connections().size(), 1U) << "nobody answered the second";
  theirs.pass(kEstablished - kHalfOpen - 3);
  EXPECT_EQ(theirs.connections().size(), 1U);
  theirs.pass(4);
  EXPECT_TRUE(theirs.connections().empty());
  std::size_t removes = 0;
  for (const SyncRecord& record : theirs.take()) removes += record.operation == Operation::remove;
  EXPECT_EQ(removes, 2U) << "and as their owner it tells so";
}

TEST_F(FlowAge, AWorkerThatStoodStillWhileTheGroupCameAndWentKnowsThatItCameAgain) {
  ours.establish(1);
  carry();
  theirs.be(Role::active, 2);
  theirs.pass(kEstablished - 10);
  theirs.say_roles(Role::shadow, 3), theirs.say_roles(Role::active, 4);  // both before its next turn
  theirs.pass(kEstablished - 1);
  EXPECT_EQ(theirs.connections().size(), 1U);
  theirs.pass(2);
  EXPECT_TRUE(theirs.connections().empty());
}

TEST_F(FlowAge, WhoSpokeSinceTheTakeOverIsIdleFromThen) {
  ours.establish(1);
  carry();
  theirs.pass(100);
  theirs.be(Role::active, 2);
  theirs.pass(kEstablished - 100);
  theirs.receive(from_client(1, kTcpAck));
  theirs.pass(kEstablished - 1);
  EXPECT_EQ(theirs.connections().size(), 1U);
  theirs.pass(2);
  EXPECT_TRUE(theirs.connections().empty());
}

// A moment in which the owner is lost and nobody has taken over yet must not cost a connection.
TEST_F(FlowAge, WhenItsOwnerIsLostAShadowHasItsWholeTimeAnewToo) {
  ours.open(1);
  carry();
  theirs.pass(100);
  theirs.be(Role::alone);
  theirs.pass(kHalfOpen - 1);
  EXPECT_EQ(theirs.connections().size(), 1U);
  theirs.pass(2);
  EXPECT_TRUE(theirs.connections().empty());
}

TEST_F(FlowAge, WithoutAPeerConnectionsAgeAsEver) {
  ours.be(Role::alone);
  ours.open(1);
  ours.pass(kHalfOpen - 1);
  EXPECT_EQ(ours.connections().size(), 1U);
  ours.pass(1);
  EXPECT_TRUE(ours.connections().empty());
}

TEST_F(FlowAge, WhoSpeaksNowAndThenLivesThroughTheWrapAndEndsOnceAfterwards) {
  ours.establish(1);
  for (unsigned passed = 0; passed < kBeyondTheWrap; passed += 800) {
    pass_in_strides(ours, 800);
    ours.receive(from_client(1, kTcpAck));
  }
  EXPECT_EQ(ours.connections().size(), 1U);
  pass_in_strides(ours, kEstablished - 1);
  EXPECT_EQ(ours.removed(RemoveReason::expired), 0U);
  ours.pass(1);
  EXPECT_EQ(ours.removed(RemoveReason::expired), 1U);
}

// The owner alone hears it. What the shadow has of it lies further back than 16 bits of seconds tell, and must not look like a moment ago:
// who was heard last decides after a split.
TEST_F(FlowAge, AShadowFromBeforeTheWrapIsOldAndHasItsWholeTimeAtATakeOver) {
  ours.establish(1);
  carry();
  for (int wraps = 0; wraps < 2; ++wraps) {
    pass_in_strides(theirs, kBeyondTheWrap);
    EXPECT_GE(idle_of_only(theirs), kMaxIdleTicks) << "the 16 bits alone would say 4464, or 8928";
  }
  theirs.be(Role::active, 2);
  pass_in_strides(theirs, kEstablished - 1);
  EXPECT_EQ(theirs.connections().size(), 1U);
  theirs.pass(2);
  EXPECT_EQ(theirs.removed(RemoveReason::expired), 1U);
}

TEST_F(FlowAge, AFailoverThereAndBackLeavesBothNodesEqual) {
  for (unsigned flow = 0; flow < 20; ++flow) ours.establish(flow);
  carry();
  ours.be(Role::shadow, 2), theirs.be(Role::active, 2);
  for (unsigned flow = 0; flow < 30; ++flow) theirs.receive(flow < 20 ? from_client(flow, kTcpFin | kTcpAck) : syn(flow));
  carry();
  expect_equal();
  EXPECT_EQ(ours.connections().size(), 30U);
  ours.be(Role::active, 3), theirs.be(Role::shadow, 3);
  for (unsigned flow = 0; flow < 20; ++flow) ours.answer(flow, kTcpFin | kTcpAck);
  carry();
  expect_equal();
  ours.pass(Timeouts{}.time_wait + 1U);
  carry();
  expect_equal();
  EXPECT_TRUE(ours.connections().empty());
}

}  // namespace
}  // namespace tandem::test
