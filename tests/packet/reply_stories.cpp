// SPDX-License-Identifier: Apache-2.0
// What servers send of themselves, to whom, and what becomes of answers whose connection nobody remembers.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

using ReplyStories = Scenario;

TEST_F(ReplyStories, AnAnswerAfterARestartFindsItsClient) {
  for (const Service service : kNatServices) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    restart();
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).payload(10)), leaves(kP0, at_client(flow, kTcpAck).payload(10)));
    EXPECT_EQ(counted(OrphanDecision::adopted_by_reply), 1U) << name_of(service);
    EXPECT_EQ(server_of(client_sends(from_client(flow, kTcpAck))), server) << "an answer proves its backend";
  }
}

TEST_F(ReplyStories, AHealthCheckGoesToTheKernelWhileClientsAreServed) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  const Frame check = frame().eth(kNode1, server_mac(server)).ip(address_of(kWeb, server), "10.0.1.1").tcp(8080, 40000, kTcpSyn | kTcpAck);
  const Lines punted = server_sends(check);
  ASSERT_EQ(punted.size(), 1U);
  EXPECT_EQ(punted[0].substr(0, 15), "punt known p1: ") << "though it comes from the service's own port, to the client's port";
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::transmitted_packets), 2U) << "the check is not the service's traffic";
}

TEST_F(ReplyStories, AServersOtherBusinessIsTheNodes) {
  const Frame base = frame().eth(kNode1, server_mac(11)).ip("10.0.1.11", "10.0.0.5");
  for (const Frame& other : {Frame{base}.tcp(22, 40000, kTcpAck), Frame{base}.udp(8080, 40000), Frame{base}.icmp(0),
                             Frame{base}.icmp(3, 3).payload(28), Frame{base}.protocol(47).payload(20)}) {
    const Lines lines = server_sends(other);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].substr(0, 15), "punt known p1: ") << lines[0];
  }
}

TEST_F(ReplyStories, AnswersEndWithTheirHops) {
  for (const Service service : kNatServices) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    for (const std::uint8_t hops : Octets{0, 1})
      EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).ttl(hops)).back(), "drop ttl_expired") << name_of(service);
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).ttl(2)), leaves(kP0, at_client(flow, kTcpAck).ttl(1)));
    EXPECT_EQ(server_sends(from_server({service, 50000}, server, kTcpAck).ttl(1)).back(), "drop ttl_expired") << "unknown ones too";
  }
  EXPECT_EQ(counted(DropReason::ttl_expired), 12U);
}

TEST_F(ReplyStories, AClientWithoutARouteIsNamedUntilThereIsOne) {
  const Flow flow{kWeb, 40000, "192.0.2.7"};
  const unsigned server = server_of(client_sends(from_client(flow)));
  const auto routes = world.routes;
  std::erase_if(world.routes, [](const RouteEntry& route) { return route.prefix.length == 0; });
  ++world.route_version;
  publish();
  EXPECT_EQ(server_sends(from_server(flow, server)), Lines{"drop no_route"});
  world.routes = routes;
  ++world.route_version;
  publish();
  EXPECT_EQ(server_sends(from_server(flow, server)), leaves(kP0, at_client(flow).eth(kGateway, kNode0)));
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::transmitted_packets), 1U) << "what did not leave was not transmitted";
}

TEST_F(ReplyStories, AResetToAStrangerPassesAndLeavesNoTrace) {
  EXPECT_NE(server_of(client_sends(from_client({kWeb, 40000}, kTcpRst))), 0U);
  EXPECT_EQ(server_sends(from_server({kWeb, 40000}, 12, kTcpRst)), leaves(kP0, at_client({kWeb, 40000}, kTcpRst)));
  EXPECT_EQ(counted(OrphanDecision::forwarded_untracked), 1U);
  EXPECT_EQ(counted(OrphanDecision::stateless_reply), 1U);
  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace tandem::test
