// SPDX-License-Identifier: Apache-2.0
// nat: whole conversations, both ways, and what they left in the counters.
#include <map>

#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

using NatStories = Scenario;

TEST_F(NatStories, AWebRequestFromItsSynToItsLastAck) {
  for (const Service service : {kWeb, kWeb6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    EXPECT_EQ(client_sends(from_client(flow, kTcpPsh | kTcpAck).payload(100)),
              leaves(kP1, at_server(flow, server, kTcpPsh | kTcpAck).payload(100)));
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).payload(1000)), leaves(kP0, at_client(flow, kTcpAck).payload(1000)));
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpFin | kTcpAck)), leaves(kP0, at_client(flow, kTcpFin | kTcpAck)));
    EXPECT_EQ(client_sends(from_client(flow, kTcpFin | kTcpAck)), leaves(kP1, at_server(flow, server, kTcpFin | kTcpAck)));
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
    EXPECT_EQ(counted(service, server, &BackendCounters::new_connections), 1U);
    EXPECT_EQ(counted(service, server, &BackendCounters::received_packets), 4U) << name_of(service);
    EXPECT_EQ(counted(service, server, &BackendCounters::transmitted_packets), 4U) << name_of(service);
    EXPECT_EQ(counted(service, server, &BackendCounters::closed_finished), 1U);
  }
  EXPECT_EQ(entries(ConnState::time_wait), 2U);
  pass_time(62);
  EXPECT_EQ(entries(), 0U) << "TIME_WAIT lasts a minute";
}

TEST_F(NatStories, BytesAreThoseOfIpWithoutLinkOrPadding) {
  const Flow flow{kDns, 1000};
  const unsigned server = server_of(client_sends(from_client(flow).payload(5).pad_to(60)));
  server_sends(from_server(flow, server).payload(200));
  EXPECT_EQ(counted(kDns, server, &BackendCounters::received_bytes), 20U + 8U + 5U);
  EXPECT_EQ(counted(kDns, server, &BackendCounters::transmitted_bytes), 20U + 8U + 200U);
}

TEST_F(NatStories, AQuestionAndItsAnswerByUdp) {
  for (const Service service : {kDns, kDns6}) {
    const Flow flow{service, 1000};
    const unsigned server = server_of(client_sends(from_client(flow).payload(30)));
    EXPECT_EQ(server_sends(from_server(flow, server).payload(80)), leaves(kP0, at_client(flow).payload(80)));
    EXPECT_EQ(client_sends(from_client(flow).payload(31)), leaves(kP1, at_server(flow, server).payload(31))) << "to the same server";
    EXPECT_EQ(counted(service, &BackendCounters::new_connections), 1U);
  }
  EXPECT_EQ(entries(ConnState::udp_two_way), 2U);
}

TEST_F(NatStories, ADatagramWithoutChecksumStaysWithoutBothWays) {
  const Frame question = frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").udp_without_checksum(1000, 53).payload(9);
  const unsigned server = server_of(client_sends(question));
  const std::string at = "10.0.1." + std::to_string(server);
  EXPECT_EQ(client_sends(question),
            leaves(kP1, frame().eth(server_mac(server), kNode1).ip("10.0.0.5", at).ttl(63).udp_without_checksum(1000, 5353).payload(9)));
  EXPECT_EQ(server_sends(frame().eth(kNode1, server_mac(server)).ip(at, "10.0.0.5").udp_without_checksum(5353, 1000)),
            leaves(kP0, frame().eth(kClient, kNode0).ip("10.0.0.100", "10.0.0.5").ttl(63).udp_without_checksum(53, 1000)));
}

TEST_F(NatStories, ManyConnectionsAreSharedAndEachKeepsItsServer) {
  std::map<std::uint16_t, unsigned> servers;
  for (std::uint16_t port = 1; port <= 120; ++port) servers[port] = opens({kWeb, port});
  for (const auto& [port, server] : servers)
    EXPECT_EQ(client_sends(from_client({kWeb, port}, kTcpAck)), leaves(kP1, at_server({kWeb, port}, server, kTcpAck)));
  for (const unsigned server : kServers)  // spread: at most 12 for up to 10 backends (design.md)
    EXPECT_NEAR(static_cast<double>(counted(kWeb, server, &BackendCounters::new_connections)), 40, 12) << server;
  EXPECT_EQ(entries(ConnState::established), 120U);
  EXPECT_EQ(counted(&WorkerCounters::lookups_miss), 120U) << "one a connection, its SYN";
}

TEST_F(NatStories, ABurstOfManyFlowsKeepsEachFlowsOrder) {
  std::vector<Bytes> burst;
  for (std::size_t part = 0; part < 4; ++part)
    for (std::uint16_t port = 1; port <= 16; ++port) burst.push_back(from_client({kDns, port}).payload(part + 1).bytes());
  std::map<std::string, std::vector<std::size_t>> sizes;  // by client port
  for (const std::string& line : receive(kP0, burst)) {
    const std::size_t port = line.find("udp "), last = line.rfind("| ");
    ASSERT_NE(port, std::string::npos) << line;
    sizes[line.substr(port, line.find(" >", port) - port)].push_back(std::stoul(line.substr(last + 2)));
  }
  ASSERT_EQ(sizes.size(), 16U);
  for (const auto& [port, seen] : sizes) EXPECT_EQ(seen, (std::vector<std::size_t>{1, 2, 3, 4})) << port;
  EXPECT_EQ(entries(), 16U);
}

TEST_F(NatStories, ARepeatedSynIsOneConnection) {
  const Flow flow{kWeb, 40000};
  const unsigned server = server_of(client_sends(from_client(flow)));
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(client_sends(from_client(flow)), leaves(kP1, at_server(flow, server)));
  EXPECT_EQ(counted(kWeb, &BackendCounters::new_connections), 1U);
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::received_packets), 4U);
  EXPECT_EQ(entries(ConnState::half_open), 1U);
}

TEST_F(NatStories, ThirtySynsOfOneClientInOneBurstAreOneConnection) {
  const Lines lines = receive(kP0, std::vector<Bytes>(30, from_client({kWeb, 40000}).bytes()));
  ASSERT_EQ(lines.size(), 30U);
  for (const std::string& line : lines) EXPECT_EQ(line, lines[0]);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(NatStories, TwoClientsWithOnePortAreTwoConnections) {
  const Flow near{kWeb, 40000}, far{kWeb, 40000, "192.0.2.7"};
  const unsigned first = opens(near), second = server_of(client_sends(from_client(far)));
  EXPECT_EQ(server_sends(from_server(far, second)), leaves(kP0, at_client(far).eth(kGateway, kNode0))) << "by the gateway";
  EXPECT_EQ(server_sends(from_server(near, first, kTcpAck)), leaves(kP0, at_client(near, kTcpAck)));
  EXPECT_EQ(entries(), 2U);
}

TEST_F(NatStories, TcpAndUdpOfOneClientPortAreTwoConnections) {
  const Flow web{kWeb, 40000}, dns{kDns, 40000};
  opens(web);
  opens(dns);
  EXPECT_EQ(entries(ConnState::established), 1U);
  EXPECT_EQ(entries(ConnState::udp_two_way), 1U);
}

TEST_F(NatStories, OptionsAndExtensionHeadersTravelAlong) {
  const Flow flow{kWeb, 40000}, six{kWeb6, 40000};
  const Bytes router_alert{0x94, 4, 0, 0};
  const unsigned server = opens(flow), server6 = opens(six);
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck).options(router_alert).payload(3)),
            leaves(kP1, at_server(flow, server, kTcpAck).options(router_alert).payload(3)));
  EXPECT_EQ(client_sends(from_client(six, kTcpAck).extension(60).payload(3)),
            leaves(kP1, at_server(six, server6, kTcpAck).extension(60).payload(3)));
  EXPECT_EQ(server_sends(from_server(six, server6, kTcpAck).extension(0).extension(60)),
            leaves(kP0, at_client(six, kTcpAck).extension(0).extension(60)));
}

TEST_F(NatStories, FullSegmentsPassAndOneByteMoreDoesNot) {
  const Flow flow{kWeb, 40000}, six{kWeb6, 40000};
  const unsigned server = opens(flow), server6 = opens(six);
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).payload(1460)), leaves(kP0, at_client(flow, kTcpAck).payload(1460)));
  EXPECT_EQ(server_sends(from_server(six, server6, kTcpAck).payload(1440)), leaves(kP0, at_client(six, kTcpAck).payload(1440)));
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).payload(1461)), Lines{"drop super_frame"});
  EXPECT_EQ(server_sends(from_server(six, server6, kTcpAck).payload(1441)), Lines{"drop super_frame"});
}

}  // namespace
}  // namespace tandem::test
