// SPDX-License-Identifier: Apache-2.0
// How connections begin, go on and end, as far as the pipeline decides it.
#include <gtest/gtest.h>

#include "tests/support/packet_text.h"
#include "tests/support/test_worker.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;
constexpr PortId kP0{0}, kP1{1};

class LifeTest : public testing::Test {
 protected:
  LifeTest() {
    world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80", "10.0.1.13:80"}),
                      nat_service("10.0.0.100:53", {"10.0.1.11:53", "10.0.1.12:53"}, Protocol::udp),
                      dsr_service("10.0.0.101:80", {"10.0.1.11:80", "10.0.1.12:80", "10.0.1.13:80"})};
    worker.publish();
  }
  static Frame tcp(std::uint16_t port, std::uint8_t flags, std::string_view vip = "10.0.0.100") {
    return frame().eth(kNode0, kClient).ipv4("10.0.0.5", vip).tcp(port, 80, flags);
  }
  // Which of 11, 12, 13 got it; 0 if it was not sent.
  static unsigned server_of(const Outcome& out) {
    return out.sent.empty() ? 0 : (out.sent[0].frame[5] >> 4) * 10U + (out.sent[0].frame[5] & 15);
  }
  unsigned server_for(const Frame& frame) { return server_of(worker.receive(kP0, frame)); }
  Outcome reply(unsigned server, std::uint16_t port, std::uint8_t flags) {
    return worker.receive(
        kP1, frame().eth(kNode1, server_mac(server)).ipv4("10.0.1." + std::to_string(server), "10.0.0.5").tcp(80, port, flags));
  }
  void set_state(unsigned server, BackendState state) {
    for (std::size_t service : {std::size_t{0}, std::size_t{2}}) world.services[service].backends[server - 11].state = state;
    worker.publish();
  }
  unsigned open(std::uint16_t port) {
    const unsigned server = server_for(tcp(port, kTcpSyn));
    reply(server, port, kTcpSyn | kTcpAck);
    EXPECT_EQ(server_for(tcp(port, kTcpAck)), server);
    return server;
  }
  unsigned other_than(unsigned server) { return server == 11 ? 12 : 11; }
  std::uint64_t removed(RemoveReason reason) { return worker.counters().removed[static_cast<std::size_t>(reason)].get(); }
  std::uint64_t orphans(OrphanDecision decision) { return worker.counters().orphans[static_cast<std::size_t>(decision)].get(); }
  std::uint64_t opened() {
    std::uint64_t sum = 0;
    for (std::size_t backend = 0; backend < 3; ++backend) sum += worker.backend(0, backend).new_connections.get();
    return sum;
  }

  World world = two_port_world();
  TestWorker worker{world};
};

TEST_F(LifeTest, NewConnectionsAreSpreadEvenly) {
  for (std::uint16_t port = 1; port <= 240; ++port) server_for(tcp(port, kTcpSyn));
  for (std::size_t backend = 0; backend < 3; ++backend) {
    EXPECT_NEAR(static_cast<double>(worker.backend(0, backend).new_connections.get()), 80, 4);
    EXPECT_EQ(worker.backend(0, backend).opened_entries.get(), worker.backend(0, backend).new_connections.get());
  }
  EXPECT_EQ(worker.counters().inserts_local.get(), 240U);
}

TEST_F(LifeTest, PacketsOfOneConnectionGoToOneServer) {
  for (std::uint16_t port = 1; port <= 50; ++port) {
    const unsigned server = open(port);
    for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(server_for(tcp(port, kTcpAck | kTcpPsh)), server);
  }
  EXPECT_EQ(opened(), 50U);
}

TEST_F(LifeTest, RepeatedSynGoesToTheSameServer) {
  for (std::uint16_t port = 1; port <= 20; ++port) {
    const unsigned server = server_for(tcp(port, kTcpSyn));
    EXPECT_EQ(server_for(tcp(port, kTcpSyn)), server);
  }
  EXPECT_EQ(opened(), 20U);
}

TEST_F(LifeTest, RepeatedSynIsPickedAnewIfItsServerWentDown) {
  const unsigned server = server_for(tcp(1, kTcpSyn));
  set_state(server, BackendState::down);
  const unsigned second = server_for(tcp(1, kTcpSyn));
  EXPECT_NE(second, server);
  EXPECT_NE(second, 0U);
  EXPECT_EQ(removed(RemoveReason::replaced), 1U);
}

TEST_F(LifeTest, SynOnAnEstablishedConnectionIsForwardedUnchanged) {
  const unsigned server = open(1);
  EXPECT_EQ(server_for(tcp(1, kTcpSyn)), server) << "RFC 5961: the server answers with a challenge ACK";
  set_state(server, BackendState::draining);
  EXPECT_EQ(server_for(tcp(1, kTcpSyn)), server) << "draining keeps what it has";
  EXPECT_EQ(opened(), 1U);
}

TEST_F(LifeTest, SynOnAConnectionOfALostServerIsPickedAnew) {
  for (BackendState lost : {BackendState::down, BackendState::disabled, BackendState::gone}) {
    const auto port = static_cast<std::uint16_t>(100 + static_cast<unsigned>(lost));
    const unsigned server = open(port);
    set_state(server, lost);
    const unsigned second = server_for(tcp(port, kTcpSyn));
    EXPECT_NE(second, server);
    EXPECT_NE(second, 0U);
    set_state(server, BackendState::up);
  }
}

TEST_F(LifeTest, SynAfterTheEndIsANewConnection) {
  const unsigned server = open(1);
  server_for(tcp(1, kTcpFin | kTcpAck));
  reply(server, 1, kTcpFin | kTcpAck);
  EXPECT_EQ(worker.backend(0, server - 11).closed_finished.get(), 1U);
  EXPECT_NE(server_for(tcp(1, kTcpSyn)), 0U);
  EXPECT_EQ(opened(), 2U);
  EXPECT_EQ(removed(RemoveReason::replaced), 1U);
  EXPECT_EQ(worker.table4().size(), 1U);
}

TEST_F(LifeTest, ResetShortensTheLifeAndIsCounted) {
  const unsigned server = open(1);
  reply(server, 1, kTcpRst);
  EXPECT_EQ(worker.backend(0, server - 11).closed_reset.get(), 1U);
  worker.pass_time(12);
  EXPECT_EQ(worker.table4().size(), 0U);
  EXPECT_EQ(removed(RemoveReason::expired), 1U);
}

TEST_F(LifeTest, EstablishedConnectionsStayWithTheirServerWhateverItsState) {
  const unsigned server = open(1);
  for (BackendState state : {BackendState::draining, BackendState::disabled, BackendState::down, BackendState::gone}) {
    set_state(server, state);
    EXPECT_EQ(server_for(tcp(1, kTcpAck)), server);
    EXPECT_EQ(reply(server, 1, kTcpAck).sent.size(), 1U);
  }
}

TEST_F(LifeTest, NobodyNewForAServerThatIsNotUp) {
  set_state(12, BackendState::draining);
  set_state(13, BackendState::down);
  for (std::uint16_t port = 1; port <= 50; ++port) EXPECT_EQ(server_for(tcp(port, kTcpSyn)), 11U);
}

TEST_F(LifeTest, ReusedSlotIsNotOurServer) {
  const unsigned server = open(1);
  world.services[0].backends[server - 11].incarnation = 1;
  set_state(server, BackendState::up);
  EXPECT_NE(server_for(tcp(1, kTcpAck)), 0U);
  EXPECT_EQ(removed(RemoveReason::backend_gone), 1U);
  EXPECT_EQ(orphans(OrphanDecision::adopted_first_candidate), 1U) << "met in mid-flow, as if there had been no entry";
}

TEST_F(LifeTest, ReplyOfAReusedSlotEndsTheEntry) {
  const unsigned server = open(1);
  world.services[0].backends[server - 11].incarnation = 1;
  set_state(server, BackendState::up);
  EXPECT_EQ(reply(server, 1, kTcpAck).sent.size(), 1U) << "translated to its service";
  EXPECT_EQ(removed(RemoveReason::backend_gone), 1U);
  EXPECT_EQ(orphans(OrphanDecision::adopted_by_reply), 1U) << "of who is there now";
}

TEST_F(LifeTest, MidFlowPacketAdoptsItsConnection) {
  const unsigned server = server_for(tcp(1, kTcpAck | kTcpPsh));
  EXPECT_NE(server, 0U);
  EXPECT_EQ(orphans(OrphanDecision::adopted_first_candidate), 1U);
  EXPECT_EQ(opened(), 0U) << "not a new connection";
  EXPECT_EQ(worker.table4().size(), 1U);
  EXPECT_EQ(server_for(tcp(1, kTcpAck)), server);
  EXPECT_EQ(orphans(OrphanDecision::adopted_first_candidate), 1U);
}

TEST_F(LifeTest, MidFlowPacketsGoWhereTwoNodesWouldBothSend) {
  TestWorker second{world};
  for (std::uint16_t port = 1; port <= 100; ++port)
    EXPECT_EQ(server_for(tcp(port, kTcpAck)), server_of(second.receive(kP0, tcp(port, kTcpAck))));
}

TEST_F(LifeTest, StraysLeaveNoTrace) {
  std::uint64_t strays = 0;
  for (int flags : {kTcpRst + 0, kTcpRst | kTcpAck, kTcpSyn | kTcpAck, kTcpFin + 0, 0, kTcpSyn | kTcpRst}) {
    EXPECT_NE(server_for(tcp(7, static_cast<std::uint8_t>(flags))), 0U) << flags;
    EXPECT_EQ(orphans(OrphanDecision::forwarded_untracked), ++strays);
  }
  EXPECT_EQ(worker.table4().size(), 0U);
}

TEST_F(LifeTest, DatagramsOfOneBatchShareTheirConnection) {
  const Bytes datagram = frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").udp(9, 53).payload(4).bytes();
  const Outcome out = worker.receive(kP0, std::vector<Bytes>(5, datagram));
  ASSERT_EQ(out.sent.size(), 5U);
  for (const Sent& sent : out.sent) EXPECT_EQ(sent.frame, out.sent[0].frame);
  EXPECT_EQ(worker.table4().size(), 1U);
  EXPECT_EQ(worker.counters().inserts_local.get(), 1U);
}

TEST_F(LifeTest, LookUpsAreCounted) {
  open(1);
  EXPECT_EQ(worker.counters().lookups_hit.get(), 2U);
  EXPECT_EQ(worker.counters().lookups_miss.get(), 1U);
}

TEST_F(LifeTest, HalfOpenConnectionsThatNobodyAnswersAreNamed) {
  const unsigned server = server_for(tcp(1, kTcpSyn));
  worker.pass_time(7);
  EXPECT_EQ(worker.table4().size(), 0U);
  EXPECT_EQ(worker.backend(0, server - 11).unanswered_syns.get(), 1U);
  EXPECT_EQ(worker.backend(0, server - 11).removed_entries.get(), 1U);
}

TEST_F(LifeTest, DirectServerReturnLearnsFromTheClientAlone) {
  const unsigned server = server_for(tcp(1, kTcpSyn, "10.0.0.101"));
  EXPECT_EQ(server_for(tcp(1, kTcpAck, "10.0.0.101")), server);
  EXPECT_EQ(worker.table4().count(ConnState::established), 1U);
  EXPECT_EQ(server_for(tcp(1, kTcpRst, "10.0.0.101")), server);
  EXPECT_EQ(worker.backend(2, server - 11).closed_reset.get(), 1U);
}

TEST_F(LifeTest, OneClientPortToTwoVipsOfOneServerGoesToTwoServers) {
  world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80"}),
                    nat_service("10.0.0.101:80", {"10.0.1.11:80", "10.0.1.12:80"})};
  worker.publish();
  for (std::uint16_t port = 1; port <= 40; ++port) {
    const unsigned first = server_for(tcp(port, kTcpSyn)), second = server_for(tcp(port, kTcpSyn, "10.0.0.101"));
    EXPECT_NE(first, second) << "their replies could not be told apart";
    EXPECT_EQ(to_line(reply(first, port, kTcpSyn | kTcpAck).sent.at(0).frame).find("10.0.0.101"), std::string::npos);
    EXPECT_NE(to_line(reply(second, port, kTcpSyn | kTcpAck).sent.at(0).frame).find("10.0.0.101"), std::string::npos);
  }
  EXPECT_GT(worker.counters().insert_failures[3].get(), 0U) << "reply_key_taken is counted";
}

TEST_F(LifeTest, OneClientPortToTwoVipsOfOnlyOneServerIsRefusedTheSecondTime) {
  world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:80"}), nat_service("10.0.0.101:80", {"10.0.1.11:80"})};
  worker.publish();
  EXPECT_EQ(server_for(tcp(1, kTcpSyn)), 11U);
  EXPECT_EQ(worker.receive(kP0, tcp(1, kTcpSyn, "10.0.0.101")).lines(), (Lines{"drop no_backend"}));
}

TEST(FullTable, NeverRefusesToForward) {
  World world = two_port_world();
  world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80"})};
  TestWorker worker{world, WorkerId{0}, 64};
  for (std::uint16_t port = 1; port <= 1000; ++port)
    ASSERT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").tcp(port, 80, kTcpAck)).sent.size(), 1U);
  EXPECT_LE(worker.table4().size(), 64U);
  const auto& counters = worker.counters();
  EXPECT_EQ(counters.inserts_local.get(), worker.table4().size() + counters.removed[static_cast<std::size_t>(RemoveReason::evicted)].get());
  EXPECT_GT(counters.removed[static_cast<std::size_t>(RemoveReason::evicted)].get(), 0U);
}

TEST(FullTable, HalfOpenConnectionsHoldThreeQuartersOfAQuarterAndTheRestIsNotRemembered) {
  World world = two_port_world();
  world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80"})};
  TestWorker worker{world, WorkerId{0}, 400};
  for (std::uint16_t port = 1; port <= 400; ++port)
    ASSERT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").tcp(port, 80, kTcpSyn)).sent.size(), 1U);
  EXPECT_EQ(worker.table4().count(ConnState::half_open), 75U);
  EXPECT_EQ(worker.counters().orphans[static_cast<std::size_t>(OrphanDecision::flood_syn)].get(), 325U);
  EXPECT_EQ(worker.table4().size(), 75U);
}

}  // namespace
}  // namespace tandem::test
