// SPDX-License-Identifier: Apache-2.0
// What a worker tells of its connections, and when.
#include <poll.h>

#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;

class FlowTold : public testing::Test {
 protected:
  FlowTold() { node.be(Role::active, 7); }
  std::vector<Operation> operations() {
    std::vector<Operation> all;
    for (const SyncRecord& record : node.take()) all.push_back(record.operation);
    return all;
  }

  FlowNode node;
};

TEST_F(FlowTold, ANewConnectionIsToldWithItsBackendAndItsOrder) {
  node.open(1);
  const std::vector<SyncRecord> told = node.take();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].operation, Operation::put);
  EXPECT_EQ(told[0].client, address(client_of(1)));
  EXPECT_EQ(told[0].client_port, port_of(1));
  EXPECT_EQ(told[0].vip, address("10.0.0.100"));
  EXPECT_EQ(told[0].backend, node.only().backend);
  EXPECT_EQ(told[0].state, ConnState::half_open);
  EXPECT_EQ(told[0].seen, kSeenSynClient);
  EXPECT_EQ(told[0].idle_timeout_seconds, Timeouts{}.half_open);
  EXPECT_EQ(told[0].order(), (ConnOrder{.term = 7, .incarnation = 1}));
  EXPECT_EQ(told[0].group, kGroup);
  EXPECT_EQ(told[0].handle, node.only().handle);
  EXPECT_FALSE(told[0].bulk);
}

TEST_F(FlowTold, ChangesBeforeItsTurnAreToldOnceAndASteadyPacketNever) {
  for (const Frame& packet : {syn(1), from_client(1, kTcpSyn)}) node.herd.offer(kP0, 0, packet);
  node.open(1);
  ASSERT_EQ(node.take().size(), 1U) << "retransmitted SYNs are no news";
  node.answer(1);
  node.receive(from_client(1, kTcpAck));
  const std::vector<SyncRecord> told = node.take();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().state, ConnState::established);
  EXPECT_EQ(told.back().seen, kSeenSynClient | kSeenSynBackend | kSeenAckClient | kSeenAckBackend);
  for (int i = 0; i < 100; ++i) node.receive(from_client(1, kTcpAck)), node.answer(1, kTcpAck);
  EXPECT_TRUE(node.take().empty());
}

TEST_F(FlowTold, TenChangesThatNobodyTakesAreOneRecordOnceTheRingHasRoom) {
  FlowNode crowded{60'000, 1};
  crowded.be(Role::active);
  crowded.open_all(FlowDesk::kRecords + 1);
  ASSERT_EQ(crowded.herd.workers[0]->flows().told.size(), FlowDesk::kRecords);
  const unsigned last = FlowDesk::kRecords;
  for (const std::uint8_t flags : {kTcpAck, kTcpFin, kTcpRst, kTcpAck}) crowded.receive(from_client(last, flags));
  const std::vector<SyncRecord> told = crowded.take();
  ASSERT_EQ(told.size(), FlowDesk::kRecords + 1);
  EXPECT_EQ(told.back().client_port, port_of(last));
  EXPECT_NE(told.back().seen & kSeenRst, 0) << "as it stands when it is told";
  EXPECT_EQ(crowded.flags(), SyncFlags{});
}

TEST_F(FlowTold, AnEndIsToldByValueWithTheSameOrder) {
  node.establish(1);
  const std::vector<SyncRecord> made = node.take();
  node.receive(from_client(1, kTcpRst));
  node.take();
  node.pass(Timeouts{}.reset + 1U);
  const std::vector<SyncRecord> ended = node.take();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].operation, Operation::remove);
  EXPECT_EQ(ended[0].order(), made[0].order());
  EXPECT_EQ(ended[0].client_port, made[0].client_port);
}

TEST_F(FlowTold, AConnectionThatEndedBeforeItWasToldIsNotMentioned) {
  FlowNode crowded{60'000, 1};
  crowded.be(Role::active);
  crowded.open_all(FlowDesk::kRecords + 10);
  crowded.herd.clock.advance(10s);
  for (int slices = 0; slices < 400; ++slices) crowded.herd.turn();
  ASSERT_EQ(crowded.herd.connections(), 0U);
  std::size_t puts = 0, removes = 0;
  for (const SyncRecord& record : crowded.take()) ++(record.operation == Operation::put ? puts : removes);
  EXPECT_EQ(puts, FlowDesk::kRecords);
  EXPECT_EQ(removes, FlowDesk::kRecords);
}

TEST_F(FlowTold, AShadowThatAPacketChangedIsReportedAndOneThatOnlyWeKnowIsPut) {
  node.establish(1);
  node.take();
  node.be(Role::shadow, 8);
  node.receive(from_client(1, kTcpFin | kTcpAck));
  EXPECT_EQ(operations(), std::vector{Operation::report});
  node.herd.pair.roles.set(Roles{});  // nobody to hand it to
  node.open(2);
  const std::vector<SyncRecord> told = node.take();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].operation, Operation::put);
  EXPECT_EQ(told[0].order(), ConnOrder{}) << "whoever owns the group knows better";
}

TEST_F(FlowTold, TheEndOfAShadowIsNobodysBusiness) {
  node.open(1);
  node.take();
  node.be(Role::alone);
  node.pass(30);
  EXPECT_EQ(node.herd.connections(), 0U);
  EXPECT_TRUE(node.take().empty());
}

TEST_F(FlowTold, AServiceOfNoGroupIsNotMentioned) {
  node.world.group_of.clear();
  node.herd.publish();
  node.establish(1);
  EXPECT_EQ(node.only().order(), ConnOrder{});
  node.pass(1000);
  EXPECT_EQ(node.herd.connections(), 0U);
  EXPECT_TRUE(node.take().empty());
}

TEST_F(FlowTold, NothingIsToldWhileItIsOffAndTheNextChangeIsOnceItIsOn) {
  node.open(1);
  node.flows.set_sync(false);
  node.take();
  node.herd.turn();
  node.open(2), node.answer(2);
  node.pass(3);
  EXPECT_TRUE(node.take().empty());
  EXPECT_EQ(node.flags(), SyncFlags{});
  node.flows.set_sync(true);
  node.receive(from_client(2, kTcpAck));
  EXPECT_EQ(operations(), std::vector{Operation::put}) << "a note that nobody took keeps no connection silent";
}

TEST_F(FlowTold, WithoutAPairNothingIsDrawnOrTold) {
  node.world.pair = {};
  node.herd.publish();
  node.establish(1);
  EXPECT_TRUE(node.take().empty());
  EXPECT_EQ(node.only().order(), ConnOrder{});
}

TEST_F(FlowTold, WhoAsksAgainIsToldWhileItIsStillThatConnection) {
  node.open(1);
  const SyncRecord told = node.take().at(0);
  const WorkerId owner = node.herd.workers[0]->state().table4().size() == 1 ? WorkerId{0} : WorkerId{1};
  ASSERT_TRUE(node.flows.request_refresh(owner, told));
  EXPECT_EQ(operations(), std::vector{Operation::put});
  SyncRecord another = told;
  ++another.incarnation;
  ASSERT_TRUE(node.flows.request_refresh(owner, another));
  node.pass(10);
  EXPECT_EQ(operations(), std::vector{Operation::remove});
  ASSERT_TRUE(node.flows.request_refresh(owner, told));
  another.handle = ConnHandle{4'000'000'000}, another.client = address("fd00::1");
  ASSERT_TRUE(node.flows.request_refresh(owner, another));
  EXPECT_TRUE(operations().empty());
}

TEST_F(FlowTold, TheBellRingsUntilTheRecordsAreTakenAndNotForEachOfThem) {
  pollfd waiting{node.herd.pair.bell.descriptor(), POLLIN, 0};
  const auto rings = [&] { return poll(&waiting, 1, 0) == 1; };
  node.open(1);
  EXPECT_TRUE(rings());
  node.herd.pair.bell.answer();
  node.herd.turn();
  EXPECT_FALSE(rings()) << "what comes at once after the first is gathered";
  node.herd.clock.advance(FlowTeller::kGather);
  node.herd.turn();
  EXPECT_TRUE(rings()) << "it was looked, but nothing taken";
  node.herd.pair.bell.answer();
  node.take();
  node.herd.clock.advance(FlowTeller::kGather);
  node.herd.turn();
  EXPECT_FALSE(rings());
}

TEST_F(FlowTold, HalfARingDoesNotWaitForTheBell) {
  FlowNode busy{60'000, 1};
  busy.be(Role::active);
  busy.open_all(1);
  busy.herd.pair.bell.answer();
  pollfd waiting{busy.herd.pair.bell.descriptor(), POLLIN, 0};
  busy.open_all(FlowDesk::kRecords / 2 - 1);
  EXPECT_EQ(poll(&waiting, 1, 0), 0);
  busy.open(FlowDesk::kRecords / 2);
  EXPECT_EQ(poll(&waiting, 1, 0), 1);
}

// A quarter may be half-open, and pressure begins at three quarters of that.
TEST_F(FlowTold, AFloodOfSynsIsNotToldBecauseItIsNotRemembered) {
  FlowNode flooded{8000, 1};
  flooded.be(Role::active);
  flooded.open_all(1990);
  EXPECT_NEAR(static_cast<double>(flooded.take().size()), 1500, 1);
  flooded.receive(from_client(1980, kTcpAck));
  flooded.answer(1980, kTcpAck);
  const std::vector<SyncRecord> told = flooded.take();
  ASSERT_EQ(told.size(), 1U) << "who completes his handshake is";
  EXPECT_EQ(told[0].state, ConnState::established);
}

TEST_F(FlowTold, NorIsWhatIsRememberedInAFloodBecauseItsServersAreAnotherServicesToo) {
  World shared = flow_world();
  shared.services.push_back(shared.services[0]);  // its servers' answers do not tell whose they are
  shared.services.back().listen = endpoint("10.0.0.109:80");
  FlowNode flooded{8000, 1, shared};
  flooded.be(Role::active);
  flooded.open_all(1990);
  EXPECT_NEAR(static_cast<double>(flooded.take().size()), 1500, 1);
  flooded.answer(1980, kTcpSyn | kTcpAck);
  flooded.receive(from_client(1980, kTcpAck));
  flooded.answer(1980, kTcpAck);
  EXPECT_EQ(flooded.take().size(), 1U) << "who completes his handshake is told";
}

TEST_F(FlowTold, WhatTheLogsDoNotHoldIsCountedAndFlaggedOnce) {
  FlowNode crowded{600'000, 1};
  crowded.be(Role::active);
  const unsigned all = FlowDesk::kRecords + FlowLog::kChanged + 100;
  crowded.open_all(all);
  EXPECT_EQ(crowded.count(&WorkerCounters::sync_overflow), 100U);
  EXPECT_EQ(crowded.flags(), (SyncFlags{.lost = true}));
  EXPECT_EQ(crowded.flags(), SyncFlags{}) << "read is cleared";
  EXPECT_EQ(crowded.take().size(), all - 100);
  crowded.receive(from_client(all - 1, kTcpFin));
  EXPECT_EQ(crowded.take().size(), 1U) << "what was lost is told when it changes again";
}

}  // namespace
}  // namespace tandem::test
