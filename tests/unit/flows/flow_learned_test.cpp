// SPDX-License-Identifier: Apache-2.0
// What a node learns of the other's connections: both tables end up equal, whatever comes twice, late or in another order.
#include <random>

#include "tests/unit/flows/flow_node.h"

namespace tandem::test {
namespace {

using Role = FlowNode::Role;

class FlowLearned : public FlowPair {
 protected:
  // What the owner told of one established connection.
  SyncRecord told_of(unsigned flow) {
    ours.establish(flow);
    return ours.take().back();
  }
};

TEST_F(FlowLearned, BothTablesAreEqualThroughAConnectionsWholeLife) {
  const auto both = [&](const char* when) {
    carry();
    EXPECT_EQ(ours.connections(), theirs.connections()) << when;
  };
  ours.open(1), both("SYN");
  ours.answer(1), both("SYN+ACK");
  ours.receive(from_client(1, kTcpAck)), both("established");
  EXPECT_EQ(theirs.only().state, ConnState::established);
  ours.receive(from_client(1, kTcpFin | kTcpAck)), both("FIN of the client");
  ours.answer(1, kTcpFin | kTcpAck), both("FIN of the server");
  EXPECT_EQ(theirs.only().state, ConnState::time_wait);
  ours.receive(syn(1)), both("opened anew");
  EXPECT_EQ(theirs.only().incarnation, 2U);
  ours.pass(10), both("nobody answered");
  EXPECT_TRUE(theirs.connections().empty());
}

TEST_F(FlowLearned, BothFamiliesAndProtocols) {
  for (std::uint16_t port = 1; port <= 50; ++port) {
    ours.receive(frame().eth(kNode0, kClient).ip("fd00::5", "fd00::100").tcp(port, 80, kTcpSyn));
    ours.receive(frame().eth(kNode0, kGateway).ip("192.0.2.1", "10.0.0.100").udp(port, 53));
  }
  carry();
  EXPECT_EQ(theirs.connections().size(), 100U);
  expect_equal();
}

// An entry has no room for an address of the other family; the record tells it whole.
TEST_F(FlowLearned, BackendsBehindTunnelsMayBeOfTheOtherFamily) {
  World world = flow_world();
  for (const char* vip : {"10.0.0.101", "fd00::101"}) world.group_of[address(vip)] = kGroup;
  world.services.push_back(tunnel_service("10.0.0.101:80", {"[fd01::11]:80", "[fd01::12]:80"}, TunnelKind::ipip, Protocol::tcp));
  world.services.push_back(tunnel_service("[fd00::101]:80", {"10.0.1.11:80", "10.0.1.12:80"}, TunnelKind::ipip, Protocol::tcp));
  FlowNode first{4000, 2, world}, second{4000, 2, world};
  first.be(Role::active), second.be(Role::shadow);
  for (std::uint16_t port = 1; port <= 20; ++port) {
    first.receive(frame().eth(kNode0, kGateway).ip("192.0.2.1", "10.0.0.101").tcp(port, 80, kTcpSyn));
    first.receive(frame().eth(kNode0, kClient).ip("fd00::5", "fd00::101").tcp(port, 80, kTcpSyn));
  }
  const std::vector<SyncRecord> told = first.take();
  second.learn(told);
  EXPECT_EQ(second.connections().size(), 40U);
  EXPECT_EQ(first.connections(), second.connections());
  second.learn(told);
  EXPECT_EQ(second.applied(SyncOutcome::inserted), 40U);
  EXPECT_EQ(second.applied(SyncOutcome::merged), 40U) << "the same word again is about the same connection";
}

// A world of its own for each node: ports are a node's.
World full_nat_world() {
  World world = flow_world();
  for (const char* vip : {"10.0.0.101", "10.0.1.240"}) world.group_of[address(vip)] = kGroup;
  world.services.push_back(full_nat_service("10.0.0.101:80", {"10.0.1.11:80", "10.0.1.12:80"}));
  world.pools.push_back({address("10.0.1.240")});
  return world;
}

TEST_F(FlowLearned, AFullNatConnectionKeepsItsPortAtTheOtherNode) {
  FlowNode first{4000, 2, full_nat_world()}, second{4000, 3, full_nat_world()};
  first.be(Role::active), second.be(Role::shadow);
  const auto opens = [](std::uint16_t port) { return frame().eth(kNode0, kGateway).ip("192.0.2.1", "10.0.0.101").tcp(port, 80, kTcpSyn); };
  for (std::uint16_t port = 1; port <= 40; ++port) first.receive(opens(port));
  const std::vector<SyncRecord> told = first.take();
  second.learn(told);
  EXPECT_EQ(first.connections(), second.connections());
  EXPECT_EQ(second.world.pools[0].ports->taken(Protocol::tcp), 40U);
  second.be(Role::active, 2);
  second.herd.wire.sent.clear(), first.herd.wire.sent.clear();
  const Frame again = frame().eth(kNode0, kGateway).ip("192.0.2.1", "10.0.0.101").tcp(7, 80, kTcpAck);
  first.receive(again), second.receive(again);
  EXPECT_EQ(first.herd.wire.all_sent(kP1), second.herd.wire.all_sent(kP1)) << "the server sees one client";

  SyncRecord taken = told.front();
  taken.client_port = 1000;
  second.learn(taken);
  EXPECT_EQ(second.applied(SyncOutcome::reply_key_taken), 1U) << "the port is another connection's";
  EXPECT_EQ(second.connections().size(), 40U);
  for (SyncRecord end : told) end.operation = Operation::remove, second.be(Role::shadow, 3), second.learn(end);
  EXPECT_TRUE(second.world.pools[0].ports->empty());
}

// The node that told the SYN dies before the client's first acknowledgment, or behind it.
TEST_F(FlowLearned, WhatABackendIsStillToBeToldTheOtherNodeTellsIt) {
  World proxied = full_nat_world();
  proxied.services.back().client_address = ClientAddress::proxy_v2;
  FlowNode first{4000, 2, proxied}, second{4000, 3, full_nat_world()};  // which goes by the record: its own configuration says none
  first.be(Role::active), second.be(Role::shadow);
  const auto sends = [](std::uint8_t flags, std::uint32_t ahead) {
    return frame().eth(kNode0, kGateway).ip("192.0.2.1", "10.0.0.101").tcp(7, 80, flags).edit([ahead](Bytes& bytes) {
      bytes[14 + 20 + 7] = static_cast<std::uint8_t>(bytes[14 + 20 + 7] + ahead);
    });
  };
  first.receive(sends(kTcpSyn, 0));
  const std::vector<SyncRecord> told = first.take();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].flags & kRecordOwesAddress, kRecordOwesAddress);
  EXPECT_EQ(told[0].first_byte, 1001U);
  second.learn(told);
  EXPECT_EQ(second.only().first_byte, 1001U);
  second.be(Role::active, 2);
  second.herd.wire.sent.clear(), first.herd.wire.sent.clear();
  first.receive(sends(kTcpAck, 1)), second.receive(sends(kTcpAck, 1));
  EXPECT_EQ(first.herd.wire.all_sent(kP1), second.herd.wire.all_sent(kP1)) << "the same header in the same place";
  ASSERT_EQ(second.herd.wire.all_sent(kP1).size(), 1U);
  EXPECT_EQ(second.herd.wire.all_sent(kP1)[0].size(), 14U + 20 + 20 + 28);

  SyncRecord heard = told[0];
  heard.flags = record_flags_of(ClientAddress::proxy_v2, false), heard.first_byte = 0;
  second.be(Role::shadow, 3);
  second.learn(heard);
  EXPECT_EQ(second.only().flags & kRecordOwesAddress, 0) << "once either saw that it knows";
  EXPECT_EQ(tells_of(second.only().flags), ClientAddress::proxy_v2);
}

TEST_F(FlowLearned, AShadowForwardsToTheBackendThatTheOwnerChose) {
  for (unsigned flow = 0; flow < 30; ++flow) ours.establish(flow);
  carry();
  theirs.be(Role::active, 2);
  ours.herd.wire.sent.clear(), theirs.herd.wire.sent.clear();
  for (unsigned flow = 0; flow < 30; ++flow) ours.receive(from_client(flow, kTcpAck)), theirs.receive(from_client(flow, kTcpAck));
  std::vector<Bytes> here = ours.herd.wire.all_sent(kP1), there = theirs.herd.wire.all_sent(kP1);
  std::ranges::sort(here), std::ranges::sort(there);
  EXPECT_EQ(here.size(), 30U);
  EXPECT_TRUE(here == there);
}

TEST_F(FlowLearned, WhatIsLearnedIsNotToldAgain) {
  for (unsigned flow = 0; flow < 20; ++flow) ours.establish(flow);
  theirs.learn(ours.take());
  EXPECT_TRUE(theirs.take().empty());
  EXPECT_EQ(theirs.connections().size(), 20U);
}

// Each record twice, in any order: the newest word of each connection stands.
TEST_F(FlowLearned, AnyOrderOfTheSameRecordsEndsTheSame) {
  std::vector<SyncRecord> told;
  const auto note = [&] {
    const std::vector<SyncRecord> some = ours.take();
    told.insert(told.end(), some.begin(), some.end());
  };
  for (unsigned flow = 0; flow < 40; ++flow) {
    ours.establish(flow), note();
    if (flow % 3 == 0) continue;
    ours.receive(from_client(flow, kTcpFin | kTcpAck)), note();
    ours.answer(flow, kTcpFin | kTcpAck), note();
    if (flow % 3 == 1) ours.receive(syn(flow)), note();  // takes its tuple over
  }
  told.insert(told.end(), told.begin(), told.end());
  for (unsigned seed = 0; seed < 5; ++seed) {
    FlowNode late;
    late.be(Role::shadow);
    std::vector<SyncRecord> shuffled = told;
    std::ranges::shuffle(shuffled, std::mt19937{seed});
    // The stream keeps tombstones (ha.md); without them an older put may come behind its own remove.
    std::erase_if(shuffled, [](const SyncRecord& record) { return record.operation == Operation::remove; });
    late.learn(shuffled);
    ASSERT_TRUE(ours.connections() == late.connections()) << "seed " << seed;
    EXPECT_TRUE(late.take().empty());
  }
}

TEST_F(FlowLearned, AnOlderWordIsIgnoredAndALargerTermReplaces) {
  SyncRecord record = told_of(1);
  record.term = 5, record.incarnation = 100;
  theirs.learn(record);
  SyncRecord older = record;
  older.incarnation = 99, older.backend = address("10.0.1.13");
  theirs.learn(older);
  older.operation = Operation::remove;
  theirs.learn(older);
  EXPECT_EQ(theirs.applied(SyncOutcome::ignored), 2U);
  EXPECT_EQ(theirs.only().backend, record.backend);

  SyncRecord newer = record;
  newer.term = 6, newer.incarnation = 1, newer.state = ConnState::half_open, newer.seen = kSeenSynClient, newer.idle_timeout_seconds = 5;
  newer.backend = address(record.backend == address("10.0.1.13") ? "10.0.1.12" : "10.0.1.13");
  theirs.learn(newer);
  EXPECT_EQ(theirs.applied(SyncOutcome::replaced), 1U);
  EXPECT_EQ(theirs.only().backend, newer.backend);
  EXPECT_EQ(theirs.only().state, ConnState::half_open) << "a new connection has seen nothing yet";
  newer.operation = Operation::remove;
  theirs.learn(newer);
  EXPECT_TRUE(theirs.connections().empty());
  EXPECT_EQ(theirs.removed(RemoveReason::synced), 2U);
  EXPECT_EQ(theirs.applied(SyncOutcome::removed), 1U);
}

TEST_F(FlowLearned, EqualWordsMergeInEitherOrder) {
  SyncRecord client_left = told_of(1), server_left = client_left;
  client_left.state = server_left.state = ConnState::fin_wait;
  client_left.seen |= kSeenFinClient, server_left.seen |= kSeenFinBackend;
  for (const bool client_first : {true, false}) {
    FlowNode node;
    node.be(Role::shadow);
    node.learn(client_first ? client_left : server_left);
    node.learn(client_first ? server_left : client_left);
    EXPECT_EQ(node.only().state, ConnState::time_wait);
    EXPECT_EQ(node.only().idle_timeout_seconds, Timeouts{}.time_wait);
    EXPECT_EQ(node.applied(SyncOutcome::merged), 1U);
  }
}

TEST_F(FlowLearned, TheSmallerIdleTimeHolds) {
  SyncRecord record = told_of(1);
  record.idle_timeout_seconds = 300;
  theirs.learn(record);
  EXPECT_EQ(theirs.only().idle_timeout_seconds, 300);
  record.idle_timeout_seconds = 600;
  theirs.learn(record);
  EXPECT_EQ(theirs.only().idle_timeout_seconds, 300);
  record.idle_timeout_seconds = 0;
  theirs.learn(record);
  EXPECT_EQ(theirs.only().idle_timeout_seconds, 300) << "none said";
}

TEST_F(FlowLearned, WhatTheOtherNodeForwardsIsReportedAndComesBackAsTheOwnersWord) {
  ours.establish(1);
  carry();
  theirs.receive(from_client(1, kTcpFin | kTcpAck));
  theirs.answer(1, kTcpFin | kTcpAck);
  const std::vector<SyncRecord> reports = theirs.take();
  ASSERT_FALSE(reports.empty());
  for (const SyncRecord& record : reports) EXPECT_EQ(record.operation, Operation::report);
  ours.learn(reports);
  EXPECT_EQ(ours.only().state, ConnState::time_wait);
  EXPECT_GE(ours.applied(SyncOutcome::reported), 1U);
  const std::vector<SyncRecord> echo = ours.take();
  EXPECT_EQ(echo.size(), reports.size());
  for (const SyncRecord& record : echo) EXPECT_EQ(record.operation, Operation::put);
  theirs.learn(echo);
  expect_equal();
  ours.learn(reports);
  EXPECT_TRUE(ours.take().empty()) << "told twice it is no news";
}

TEST_F(FlowLearned, AReportOfAnotherOrderOrOfNothingKnownIsIgnored) {
  SyncRecord record = told_of(1);
  record.operation = Operation::report;
  theirs.learn(record);
  EXPECT_EQ(theirs.applied(SyncOutcome::ignored), 1U);
  ++record.incarnation, record.seen |= kSeenRst, record.state = ConnState::reset;
  ours.learn(record);
  EXPECT_EQ(ours.only().state, ConnState::established);
}

TEST_F(FlowLearned, WhoMeetsAnAddressThatItDoesNotServeCountsIt) {
  const SyncRecord known = told_of(1);
  SyncRecord record = known;
  record.backend_port = 81;
  theirs.learn(record);
  EXPECT_EQ(theirs.applied(SyncOutcome::unknown_backend), 1U);
  record = known, record.vip = address("10.0.0.99");
  theirs.learn(record);
  EXPECT_EQ(theirs.applied(SyncOutcome::unknown_service), 1U);
  record = known, record.backend = address("fd01::11");
  theirs.learn(record);
  EXPECT_EQ(theirs.applied(SyncOutcome::unknown_backend), 2U) << "of another family";
  record = known, record.state = ConnState::free;
  theirs.learn(record);
  record.state = ConnState::udp_two_way;
  theirs.learn(record);
  EXPECT_EQ(theirs.applied(SyncOutcome::ignored), 2U) << "states that no TCP connection has";
  EXPECT_TRUE(theirs.connections().empty());
  EXPECT_EQ(theirs.flags(), SyncFlags{});
}

TEST_F(FlowLearned, AConnectionWhoseBackendIsUnknownHereEndsTheOlderOne) {
  SyncRecord record = told_of(1);
  theirs.learn(record);
  ++record.incarnation, record.backend_port = 81;
  theirs.learn(record);
  EXPECT_TRUE(theirs.connections().empty()) << "it is known to be wrong";
}

TEST_F(FlowLearned, TwoOpenedWhileNeitherHeardTheOtherEstablishedWinsThenTheOwner) {
  SyncRecord record = told_of(1);
  record.term = 0, record.incarnation = 0;
  const auto another = [](IpAddress backend) { return address(backend == address("10.0.1.13") ? "10.0.1.12" : "10.0.1.13"); };
  SyncRecord rival = record;
  rival.backend = another(record.backend);
  theirs.learn(record);
  theirs.learn(rival);
  EXPECT_EQ(theirs.only().backend, rival.backend) << "a shadow takes the owner's word";
  theirs.be(Role::active);
  theirs.learn(record);
  EXPECT_EQ(theirs.only().backend, rival.backend) << "the owner keeps its own";
  SyncRecord waiting = record;
  waiting.state = ConnState::half_open, waiting.seen = kSeenSynClient;
  theirs.be(Role::shadow);
  theirs.learn(waiting);
  EXPECT_EQ(theirs.only().backend, rival.backend) << "who has shaken hands stays";
  EXPECT_EQ(theirs.applied(SyncOutcome::conflict), 3U);
}

TEST_F(FlowLearned, AFullTableEvictsNobodyForWhatTheScheduleWouldChooseAgainAndSaysSo) {
  FlowNode small{100, 1};
  small.be(Role::shadow);
  ours.open_all(50);
  std::vector<SyncRecord> told = ours.take();
  for (SyncRecord& record : told) record.state = ConnState::established, record.seen = 15, record.flags = 0;
  for (int copy = 0; copy < 3; ++copy) {
    for (SyncRecord& record : told) record.client_port = static_cast<std::uint16_t>(record.client_port + 1000);
    small.learn(told);
  }
  EXPECT_EQ(small.connections().size(), 100U);
  EXPECT_EQ(small.applied(SyncOutcome::full), 50U);
  EXPECT_EQ(small.flags(), (SyncFlags{.full = true}));
  EXPECT_EQ(small.flags(), SyncFlags{});
  EXPECT_EQ(small.removed(RemoveReason::evicted), 0U);

  SyncRecord exception = told.back();
  exception.client_port = 9, exception.flags = kConnException;
  small.learn(exception);
  EXPECT_EQ(small.connections().size(), 100U);
  EXPECT_EQ(small.removed(RemoveReason::evicted), 1U) << "one that only the peer knows of takes the place of another of his";
  EXPECT_TRUE(small.flags().full) << "he believes that we have that one";
  small.be(Role::active);
  exception.client_port = 10;
  small.learn(exception);
  EXPECT_EQ(small.removed(RemoveReason::evicted), 1U) << "but not of one of ours";
}

TEST_F(FlowLearned, AFloodAtThePeerLeavesHalfOfWhatMayBeHalfOpenToOurOwn) {
  FlowNode small{800, 1};  // 200 may be half-open
  small.be(Role::shadow);
  ours.open_all(150);
  const std::vector<SyncRecord> told = ours.take();
  small.learn(told);
  EXPECT_EQ(small.applied(SyncOutcome::inserted), 100U);
  EXPECT_EQ(small.applied(SyncOutcome::half_open_quota), 50U);
  EXPECT_EQ(small.flags(), SyncFlags{});
  SyncRecord answered = told.back();
  answered.state = ConnState::established, answered.seen = 15;
  small.learn(answered);
  EXPECT_EQ(small.applied(SyncOutcome::inserted), 101U);
}

TEST_F(FlowLearned, OwnConnectionsGoBeforeThePeers) {
  FlowNode small{100, 1};
  World& world = small.world;
  world.services.push_back(nat_service("10.0.0.101:80", {"10.0.1.11:8080"}));  // of no group
  small.herd.publish();
  small.be(Role::shadow);
  ours.open_all(10);
  std::vector<SyncRecord> told = ours.take();
  for (SyncRecord& record : told) record.state = ConnState::half_open, record.flags = 0;
  small.learn(told);
  const auto own = [&](std::uint16_t port, std::uint8_t flags) {
    small.receive(frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.101").tcp(port, 80, flags));
  };
  for (std::uint16_t port = 1; port <= 500; ++port) own(port, kTcpAck);
  std::size_t shadows = 0;
  small.each([&](auto&, auto& entry) { shadows += entry.is(kConnSynced); });
  EXPECT_EQ(shadows, told.size()) << "though half-open ones would go first";
  EXPECT_GT(small.removed(RemoveReason::evicted), 300U);
  EXPECT_FALSE(small.flags().full);
}

TEST_F(FlowLearned, AWorkersRingThatIsFullRefuses) {
  const SyncRecord record = told_of(1);
  std::size_t taken = 0;
  while (theirs.flows.apply(record)) ++taken;
  EXPECT_EQ(taken, FlowDesk::kRecords);
  theirs.herd.turn();
  EXPECT_TRUE(theirs.flows.apply(record));
  theirs.herd.turn();
  EXPECT_EQ(theirs.connections().size(), 1U);
}

TEST_F(FlowLearned, EveryWorkerHasWhatItsHashSaysWhateverTheOtherNodesNumberOfWorkers) {
  FlowNode three{4000, 3};
  three.be(Role::shadow);
  for (unsigned flow = 0; flow < 60; ++flow) ours.establish(flow);
  three.learn(ours.take());
  ASSERT_EQ(three.connections(), ours.connections());
  three.be(Role::active, 2);
  for (unsigned flow = 0; flow < 60; ++flow) three.receive(from_client(flow, kTcpAck));
  EXPECT_EQ(three.connections(), ours.connections()) << "each packet found its connection";
}

// A server that another service lent: found by its address among the lender's, and counted as the lender's here too.
TEST(FlowsLent, AShadowKnowsTheServerThatAFallbackLent) {
  const auto world = [](bool down) {
    World made = flow_world();
    made.services[0].fallback = made.services.size();
    made.services.push_back(nat_service("10.0.0.101:80", {"10.0.1.11:9090", "10.0.1.12:9090"}));
    made.group_of[address("10.0.0.101")] = kGroup;
    if (down)
      for (WorldBackend& backend : made.services[0].backends) backend.state = BackendState::down;
    return made;
  };
  FlowNode ours{4000, 2, world(true)}, theirs{4000, 2, world(false)};
  ours.be(Role::active), theirs.be(Role::shadow);
  ours.open(1);
  theirs.learn(ours.take());
  EXPECT_EQ(theirs.applied(SyncOutcome::inserted), 1U) << "though its own checks see all servers up";
  EXPECT_EQ(theirs.only().backend_port, 9090);
  EXPECT_TRUE(theirs.only().flags & kConnException) << "so it goes last when room is wanted";
  EXPECT_EQ(ours.connections(), theirs.connections());
}

}  // namespace
}  // namespace tandem::test
