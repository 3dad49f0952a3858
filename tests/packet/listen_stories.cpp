// SPDX-License-Identifier: Apache-2.0
// Services of several ports and of prefixes: who has a connection, at which port its server hears it, what comes back.
#include <set>

#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

constexpr const char *kClientAddress = "10.0.0.5", *kBroadcast = "ff:ff:ff:ff:ff:ff", *kNobody = "00:00:00:00:00:00";

std::string server_address(unsigned server) { return "10.0.1." + std::to_string(server); }

class ListenStories : public Scenario {
 protected:
  // At the three servers, each asked at its client's port.
  WorldService& serve(const std::string& vip, std::uint16_t first, std::uint16_t more_ports, std::uint8_t host_bits = 0,
                      WorldService make(std::string_view, std::vector<std::string>, Protocol) = nat_service) {
    WorldService service = make(vip + ":1", {"10.0.1.11:1", "10.0.1.12:1", "10.0.1.13:1"}, Protocol::tcp);
    service.listen.port = first, service.more_ports = more_ports, service.host_bits = host_bits;
    for (WorldBackend& backend : service.backends) backend.endpoint.port = 0;
    world.services.push_back(std::move(service));
    return world.services.back();
  }
  static Frame asks(const std::string& vip, std::uint16_t port, std::uint16_t from = 40000, std::uint8_t flags = kTcpSyn) {
    return frame().eth(kNode0, kClient).ip(kClientAddress, vip).tcp(from, port, flags);
  }
  static Frame answers(unsigned server, std::uint16_t port, std::uint16_t to = 40000, std::uint8_t flags = kTcpSyn | kTcpAck) {
    return frame().eth(kNode1, server_mac(server)).ip(server_address(server), kClientAddress).tcp(port, to, flags);
  }
  static Lines reaches(unsigned server, std::uint16_t port, std::uint16_t from = 40000) {
    return leaves(kP1, frame().eth(server_mac(server), kNode1).ip(kClientAddress, server_address(server)).ttl(63).tcp(from, port, kTcpSyn));
  }
  static Lines returns(const std::string& vip, std::uint16_t port, std::uint16_t to = 40000, std::uint8_t flags = kTcpSyn | kTcpAck) {
    return leaves(kP0, frame().eth(kClient, kNode0).ip(vip, kClientAddress).ttl(63).tcp(port, to, flags));
  }
  std::uint64_t opened(std::size_t service) const { return counted(static_cast<Service>(service), &BackendCounters::new_connections); }
};

TEST_F(ListenStories, AServerHearsThePortThatItsClientAskedFor) {
  serve("10.0.0.120", 8000, 99);
  publish();
  for (const std::uint16_t port : Words{8000, 8050, 8099}) {
    const Lines lines = client_sends(asks("10.0.0.120", port));
    const unsigned server = server_of(lines);
    EXPECT_EQ(lines, reaches(server, port));
    EXPECT_EQ(server_sends(answers(server, port)), returns("10.0.0.120", port));
  }
  EXPECT_EQ(entries(), 3U);
  for (const std::uint16_t port : Words{7999, 8100}) EXPECT_EQ(client_sends(asks("10.0.0.120", port)), Lines{"drop no_service"});
}

TEST_F(ListenStories, AServerWithAPortOfItsOwnHearsAllOfTheRangeThere) {
  WorldService& service = serve("10.0.0.120", 8000, 99);
  for (WorldBackend& backend : service.backends) backend.endpoint.port = 9000;
  publish();
  const Lines lines = client_sends(asks("10.0.0.120", 8042));
  const unsigned server = server_of(lines);
  EXPECT_EQ(lines, reaches(server, 9000));
  EXPECT_EQ(server_sends(answers(server, 9000)), returns("10.0.0.120", 8042));
  EXPECT_EQ(server_sends(answers(server, 9000, 41000)), Lines{"drop reply_without_connection"}) << "its port does not tell the VIP's";
}

TEST_F(ListenStories, EveryAddressOfAPrefixIsAskedForAnswersAndServes) {
  serve("10.0.0.128", 80, 0, 4);
  publish();
  for (const char* vip : {"10.0.0.128", "10.0.0.135", "10.0.0.143"}) {
    EXPECT_EQ(client_sends(frame().eth(kBroadcast, kClient).arp(1, kClient, kClientAddress, kNobody, vip)),
              leaves(kP0, frame().eth(kClient, kNode0).arp(2, kNode0, vip, kClient, kClientAddress)));
    EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip(kClientAddress, vip).icmp(8)),
              leaves(kP0, frame().eth(kClient, kNode0).ip(vip, kClientAddress).icmp(0)));
    const Lines lines = client_sends(asks(vip, 80));
    const unsigned server = server_of(lines);
    EXPECT_EQ(lines, reaches(server, 80));
    EXPECT_EQ(server_sends(answers(server, 80)), returns(vip, 80));
  }
  EXPECT_EQ(client_sends(asks("10.0.0.130", 81)), Lines{"drop no_service"});
}

// One client port open to several VIPs of a prefix: a server can tell its connections apart by the client alone.
TEST_F(ListenStories, OneClientPortMeetsAnotherServerAtEachVip) {
  serve("10.0.0.128", 80, 0, 4);
  publish();
  std::set<unsigned> servers;
  for (const char* vip : {"10.0.0.128", "10.0.0.129", "10.0.0.130"}) servers.insert(server_of(client_sends(asks(vip, 80))));
  EXPECT_EQ(servers.size(), 3U);
  EXPECT_EQ(client_sends(asks("10.0.0.131", 80)), Lines{"drop no_backend"}) << "all three have one of this port already";
}

TEST_F(ListenStories, TheNarrowerHasTheConnection) {
  const std::size_t first = world.services.size();
  serve("10.0.0.128", 0, 0xffff, 4);
  serve("10.0.0.128", 80, 0, 4);
  serve("10.0.0.130", 8000, 99);
  serve("10.0.0.130", 8050, 0);
  publish();
  const std::vector<std::pair<const char*, std::uint16_t>> asked{{"10.0.0.131", 1},    {"10.0.0.131", 80}, {"10.0.0.130", 8001},
                                                                 {"10.0.0.130", 8050}, {"10.0.0.130", 80}, {"10.0.0.130", 9000}};
  std::uint16_t from = 40000;
  for (const auto& [vip, port] : asked) EXPECT_NE(server_of(client_sends(asks(vip, port, ++from))), 0U) << vip << ":" << port;
  EXPECT_EQ(opened(first), 2U) << "what nothing narrower has, of the single address too";
  EXPECT_EQ(opened(first + 1), 2U);
  EXPECT_EQ(opened(first + 2), 1U);
  EXPECT_EQ(opened(first + 3), 1U);
}

// 10.0.0.1, the node's own, lies in it.
TEST_F(ListenStories, TheNodeKeepsItsAddressWithinAPrefix) {
  serve("10.0.0.0", 0, 0xffff, 2);
  publish();
  const Lines own = client_sends(asks("10.0.0.1", 22));
  ASSERT_EQ(own.size(), 1U);
  EXPECT_TRUE(own[0].starts_with("punt") || own[0] == "drop no_twin") << own[0];
  EXPECT_NE(server_of(client_sends(asks("10.0.0.2", 22))), 0U);
}

TEST_F(ListenStories, AReplyWithoutAConnectionIsOfTheServiceThatItsPortTells) {
  serve("10.0.0.120", 8000, 99);
  publish();
  EXPECT_EQ(server_sends(answers(11, 8050, 40000, kTcpAck)), returns("10.0.0.120", 8050, 40000, kTcpAck));
  EXPECT_EQ(counted(OrphanDecision::adopted_by_reply), 1U);
}

// Its servers may be clients of others: what they begin is no reply, but comes from one of its ports all the same.
TEST_F(ListenStories, AServerOfAllPortsProvesNothing) {
  serve("10.0.0.120", 0, 0xffff);
  publish();
  EXPECT_EQ(server_sends(answers(11, 8050, 40000, kTcpAck)), Lines{"drop reply_without_connection"});
  EXPECT_EQ(server_sends(answers(11, 50000, 443, kTcpSyn)), Lines{"drop reply_without_connection"});
}

TEST_F(ListenStories, OtherMethodsKeepThePortToo) {
  serve("10.0.0.128", 8000, 99, 4, dsr_service);
  publish();
  const Lines lines = client_sends(asks("10.0.0.140", 8042));
  const unsigned server = server_of(lines);
  EXPECT_EQ(lines, leaves(kP1, frame().eth(server_mac(server), kNode1).ip(kClientAddress, "10.0.0.140").ttl(63).tcp(40000, 8042, kTcpSyn)));
}

TEST_F(ListenStories, FullNatFoldsARangeOrKeepsIt) {
  world.pools.push_back({address("10.0.1.240")});
  serve("10.0.0.120", 8000, 99, 0, full_nat_service);
  for (WorldBackend& backend : serve("10.0.0.121", 8000, 99, 0, full_nat_service).backends) backend.endpoint.port = 9000;
  publish();
  EXPECT_NE(client_sends(asks("10.0.0.120", 8042)).at(0).find("> 8042 S"), std::string::npos);
  EXPECT_NE(client_sends(asks("10.0.0.121", 8042)).at(0).find("> 9000 S"), std::string::npos);
}

}  // namespace
}  // namespace tandem::test
