// SPDX-License-Identifier: Apache-2.0
// l2-dsr: the client's half of each conversation is all that passes us; the packet itself reaches the server unchanged.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

using DsrStories = Scenario;

TEST_F(DsrStories, AWebRequestAsWeSeeIt) {
  for (const Service service : {kDirectWeb, kDirectWeb6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    EXPECT_EQ(client_sends(from_client(flow, kTcpPsh | kTcpAck).payload(100)),
              leaves(kP1, at_server(flow, server, kTcpPsh | kTcpAck).payload(100)));
    EXPECT_EQ(client_sends(from_client(flow, kTcpFin | kTcpAck)), leaves(kP1, at_server(flow, server, kTcpFin | kTcpAck)));
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck))) << "the last ACK";
    EXPECT_EQ(counted(service, server, &BackendCounters::received_packets), 5U);
    EXPECT_EQ(counted(service, server, &BackendCounters::transmitted_packets), 0U);
  }
  EXPECT_EQ(entries(ConnState::fin_wait), 2U);
  pass_time(122);
  EXPECT_EQ(entries(), 0U) << "two minutes after the client's FIN";
}

TEST_F(DsrStories, AQuestionByUdp) {
  for (const Service service : {kDirectDns, kDirectDns6}) {
    const Flow flow{service, 1000};
    const unsigned server = opens(flow);
    EXPECT_EQ(client_sends(from_client(flow).payload(31)), leaves(kP1, at_server(flow, server).payload(31)));
    EXPECT_EQ(counted(service, &BackendCounters::new_connections), 1U);
  }
}

TEST_F(DsrStories, ASingleQuestionIsForgottenSoonerThanAConversation) {
  client_sends(from_client({kDirectDns, 1000}));
  const Flow talks{kDirectDns, 1001};
  opens(talks);
  EXPECT_EQ(entries(ConnState::udp_one_way), 1U);
  EXPECT_EQ(entries(ConnState::udp_two_way), 1U) << "its client spoke again, so somebody had answered";
  pass_time(32);
  EXPECT_EQ(entries(), 1U);
  pass_time(300);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(DsrStories, ManyConnectionsAreSharedAndEachKeepsItsServer) {
  for (std::uint16_t port = 1; port <= 120; ++port) {
    const Flow flow{kDirectWeb, port};
    const unsigned server = opens(flow);
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
  }
  for (const unsigned server : kServers)
    EXPECT_NEAR(static_cast<double>(counted(kDirectWeb, server, &BackendCounters::new_connections)), 40, 12) << server;
}

TEST_F(DsrStories, TheClientsResetEndsIt) {
  const Flow flow{kDirectWeb, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(client_sends(from_client(flow, kTcpRst)), leaves(kP1, at_server(flow, server, kTcpRst)));
  EXPECT_EQ(counted(kDirectWeb, server, &BackendCounters::closed_reset), 1U);
  pass_time(12);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(DsrStories, APortUsedAgainAfterTheClientsFinIsANewConnection) {
  const Flow flow{kDirectWeb, 40000};
  opens(flow);
  client_sends(from_client(flow, kTcpFin | kTcpAck));
  opens(flow);
  EXPECT_EQ(counted(kDirectWeb, &BackendCounters::new_connections), 2U);
  EXPECT_EQ(counted(RemoveReason::replaced), 1U);
  EXPECT_EQ(entries(ConnState::established), 1U);
}

TEST_F(DsrStories, AServersAnswerThatStraysToUsIsNamed) {
  const Flow flow{kDirectWeb, 40000};
  const unsigned server = opens(flow);
  const Frame answer = frame().eth(kNode1, server_mac(server)).ip("10.0.0.101", "10.0.0.5").tcp(80, 40000, kTcpSyn | kTcpAck);
  EXPECT_EQ(server_sends(answer), Lines{"drop source_is_vip"}) << "it goes to the client by itself; here it is misrouted";
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck))) << "and does no harm";
}

TEST_F(DsrStories, OneClientPortToBothKindsOfVip) {
  const Flow direct{kDirectWeb, 40000}, nat{kWeb, 40000};
  const unsigned straight = opens(direct), translated = opens(nat);
  EXPECT_EQ(client_sends(from_client(direct, kTcpAck)), leaves(kP1, at_server(direct, straight, kTcpAck)));
  EXPECT_EQ(client_sends(from_client(nat, kTcpAck)), leaves(kP1, at_server(nat, translated, kTcpAck)));
  EXPECT_EQ(server_sends(from_server(nat, translated, kTcpAck)), leaves(kP0, at_client(nat, kTcpAck)));
  EXPECT_EQ(entries(), 2U);
}

TEST_F(DsrStories, ABurstOfBothMethodsAndFamiliesIsSortedApart) {
  std::vector<Bytes> burst;
  for (std::size_t service = kWeb; service <= kDirectDns6; ++service)
    for (std::uint16_t port = 1; port <= 8; ++port) burst.push_back(from_client({static_cast<Service>(service), port}).bytes());
  const Lines lines = receive(kP0, burst);
  ASSERT_EQ(lines.size(), 64U);
  std::size_t direct = 0;
  for (const std::string& line : lines) direct += line.find("> 10.0.0.101 ttl 63") + 1 != 0 || line.find("> fd00::101 ttl 63") + 1 != 0;
  EXPECT_EQ(direct, 32U) << "still to the VIP";
  for (std::size_t service = kWeb; service <= kDirectDns6; ++service)
    EXPECT_EQ(counted(static_cast<Service>(service), &BackendCounters::received_packets), 8U) << name_of(static_cast<Service>(service));
}

}  // namespace
}  // namespace tandem::test
