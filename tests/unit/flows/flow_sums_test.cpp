// SPDX-License-Identifier: Apache-2.0
// Sums of connections: two nodes that hold the same have the same sums, whatever their workers, and damage shows after a walk.
#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;
using Sums = std::vector<std::uint64_t>;

class FlowSumsOfAPair : public testing::Test {
 protected:
  FlowSumsOfAPair() { ours.be(Role::active), theirs.be(Role::shadow); }

  // Empty: they are not whole.
  static Sums sums(FlowNode& node, FlowSide side) {
    Sums all(kFlowBuckets);
    return node.flows.read_sums(side, 0, all) ? all : Sums{};
  }
  Sums own() { return sums(ours, FlowSide::own); }
  Sums held() { return sums(theirs, FlowSide::held); }
  static std::size_t counted(const Sums& sums) {
    return static_cast<std::size_t>(std::ranges::count_if(sums, [](auto sum) { return sum != 0; }));
  }

  // A whole walk of both, begun after now: each takes a second.
  void walk() {
    for (FlowNode* node : {&ours, &theirs})
      for (int step = 0; step < 150; ++step) node->herd.clock.advance(20ms), node->herd.turn();
  }
  void carry() { theirs.learn(ours.take()), ours.learn(theirs.take()), theirs.learn(ours.take()); }

  FlowNode ours{4000, 2}, theirs{4000, 3};
};

TEST_F(FlowSumsOfAPair, AreTheSameThoughOneHasTwoWorkersAndTheOtherThree) {
  for (unsigned flow = 0; flow < 200; ++flow) ours.establish(flow);
  carry();
  EXPECT_TRUE(own().empty()) << "nothing is whole before a walk has ended";
  walk();
  EXPECT_GT(counted(own()), 190U) << "of 200, in 32,768 buckets";
  EXPECT_EQ(own(), held());
}

TEST_F(FlowSumsOfAPair, StayTheSameBetweenWalksAsConnectionsComeChangeAndEnd) {
  walk();
  const std::uint64_t walks = ours.herd.workers[0]->flow_sums().walks();
  for (unsigned flow = 0; flow < 100; ++flow) {
    ours.establish(flow);
    if (flow % 3 == 1) ours.receive(from_client(flow, kTcpFin | kTcpAck)), ours.answer(flow, kTcpFin | kTcpAck);
    if (flow % 6 == 1) ours.receive(syn(flow));  // takes its tuple over: half-open again, and not counted
  }
  carry();
  EXPECT_GT(counted(own()), 80U);
  EXPECT_EQ(own(), held());
  EXPECT_EQ(ours.herd.workers[0]->flow_sums().walks(), walks) << "no walk has helped";
  walk();
  EXPECT_EQ(own(), held());
}

TEST_F(FlowSumsOfAPair, DifferWhileARecordIsUnderWayAndNoLonger) {
  walk();
  ours.establish(1);
  const std::vector<SyncRecord> told = ours.take();
  EXPECT_NE(own(), held());
  theirs.learn(told);
  EXPECT_EQ(own(), held());
}

TEST_F(FlowSumsOfAPair, HalfOpenConnectionsDoNotCount) {
  ours.open_all(50);
  carry();
  walk();
  EXPECT_EQ(theirs.connections().size(), 50U);
  EXPECT_EQ(counted(own()), 0U);
  EXPECT_EQ(counted(held()), 0U);
}

TEST_F(FlowSumsOfAPair, WhatEndedIsTakenOutAgain) {
  for (unsigned flow = 0; flow < 20; ++flow) ours.establish(flow), ours.receive(from_client(flow, kTcpRst));
  carry();
  walk();
  EXPECT_GT(counted(own()), 0U);
  ours.pass(20);  // a reset connection stays for ten seconds
  carry();
  EXPECT_TRUE(ours.connections().empty());
  walk();
  EXPECT_EQ(counted(own()), 0U);
  EXPECT_EQ(counted(held()), 0U);
}

TEST_F(FlowSumsOfAPair, DamageThatNoCodeDidShowsWhenTheWalkHasPassedIt) {
  for (unsigned flow = 0; flow < 50; ++flow) ours.establish(flow);
  carry(), walk();
  ASSERT_EQ(own(), held());
  bool once = false;
  theirs.each([&](auto&, auto& entry) {
    if (!std::exchange(once, true)) entry.backend_port = Be16{81};
  });
  EXPECT_EQ(own(), held()) << "sums are kept, not looked up";
  walk();
  EXPECT_NE(own(), held());
}

TEST_F(FlowSumsOfAPair, AfterAChangeOfRolesNothingIsWholeUntilAWalkHasEnded) {
  for (unsigned flow = 0; flow < 20; ++flow) ours.establish(flow);
  carry(), walk();
  const Sums before = own();
  theirs.be(Role::active, 2), ours.be(Role::shadow, 2);
  EXPECT_TRUE(sums(theirs, FlowSide::own).empty());
  walk();
  EXPECT_EQ(sums(theirs, FlowSide::own), before);
  EXPECT_EQ(sums(ours, FlowSide::held), before);
  EXPECT_EQ(counted(own()), 0U);
}

TEST_F(FlowSumsOfAPair, OffNothingIsCounted) {
  ours.flows.set_digests(false);
  ours.establish(1);
  walk();
  EXPECT_TRUE(own().empty());
}

}  // namespace
}  // namespace tandem::test
