// SPDX-License-Identifier: Apache-2.0
// Connections that are ended, and flows that move: what the other node is told, and what it makes of it.
#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;

void end_all(FlowNode& node) {
  for (WorldBackend& backend : node.world.services[0].backends) backend.state = BackendState::disabled, backend.cut = true;
  ++node.world.cuts;
  node.herd.publish();
  for (int turns = 0; turns < 200; ++turns) node.herd.turn();
}

std::uint64_t made(const FlowNode& node, OwnSegmentKind kind) {
  return node.herd.sum([&](const WorkerCounters& c) -> const Counter& { return c.own_segments[static_cast<std::size_t>(kind)]; });
}

class FlowCut : public testing::Test {
 protected:
  FlowCut() { ours.be(Role::active), theirs.be(Role::shadow); }
  FlowNode ours, theirs;
};

TEST_F(FlowCut, TheOwnerAsksBothEndsAndTheOtherNodesCopyEndsToo) {
  ours.establish(1);
  theirs.learn(ours.take());
  end_all(ours);
  EXPECT_EQ(made(ours, OwnSegmentKind::probe_client), 1U);
  EXPECT_EQ(made(ours, OwnSegmentKind::probe_backend), 1U);
  theirs.learn(ours.take());
  EXPECT_EQ(theirs.only().state, ConnState::reset);
  EXPECT_NE(theirs.only().seen & kSeenCut, 0);
  EXPECT_EQ(ours.connections(), theirs.connections());
}

TEST_F(FlowCut, AfterAFailoverTheAnswersAreStillAnswered) {
  ours.establish(1);
  end_all(ours);
  theirs.learn(ours.take());
  theirs.be(Role::active, 2);
  theirs.receive(from_client(1, kTcpAck));
  EXPECT_EQ(made(theirs, OwnSegmentKind::reset_client), 1U) << "its own backends are all up";
  EXPECT_EQ(theirs.herd.dropped(DropReason::connection_cut), 1U);
  theirs.pass(12);
  EXPECT_TRUE(theirs.connections().empty());
}

TEST_F(FlowCut, AShadowAsksNobody) {
  ours.establish(1);
  theirs.learn(ours.take());
  end_all(theirs);
  EXPECT_EQ(made(theirs, OwnSegmentKind::probe_client), 0U);
  EXPECT_EQ(theirs.only().state, ConnState::established);
}

TEST_F(FlowCut, AFlowThatMovesIsToldAsAnEndAndABeginning) {
  const Frame question = frame().eth(kNode0, kGateway).ipv4(client_of(1), "10.0.0.100").udp(port_of(1), 53);
  ours.receive(question);
  theirs.learn(ours.take());
  const IpAddress first = theirs.only().backend;
  for (WorldBackend& backend : ours.world.services[2].backends)
    if (backend.endpoint.address == first) backend.state = BackendState::down;
  ours.herd.publish();
  ours.receive(question);
  EXPECT_EQ(ours.removed(RemoveReason::moved), 1U);
  const std::vector<SyncRecord> told = ours.take();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].operation, Operation::remove);
  EXPECT_EQ(told[1].operation, Operation::put);
  theirs.learn(told);
  EXPECT_NE(theirs.only().backend, first);
  EXPECT_EQ(ours.connections(), theirs.connections());
}

}  // namespace
}  // namespace tandem::test
