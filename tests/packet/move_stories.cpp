// SPDX-License-Identifier: Apache-2.0
// Flows and ports that find another server: datagrams whose server is lost, clients who use a port again.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class MoveStories : public Scenario {
 protected:
  // Where the flow's next datagram goes, every byte as it must be.
  unsigned asks(const Flow& flow) {
    const Lines lines = client_sends(from_client(flow));
    const unsigned server = server_of(lines);
    EXPECT_EQ(lines, leaves(kP1, at_server(flow, server == 0 ? kServers[0] : server))) << name_of(flow.service);
    return server;
  }
  void finish(const Flow& flow, unsigned server) {
    server_sends(from_server(flow, server, kTcpFin | kTcpAck));
    client_sends(from_client(flow, kTcpFin | kTcpAck));
    EXPECT_EQ(entries(ConnState::time_wait), 1U);
  }
};

TEST_F(MoveStories, ADatagramsFlowLeavesALostServerAtOnce) {
  std::uint64_t moved = 0;
  for (const Service service : {kDns, kDns6, kDirectDns}) {
    for (const BackendState lost : {BackendState::down, BackendState::disabled, BackendState::gone}) {
      const Flow flow{service, static_cast<std::uint16_t>(40000 + static_cast<unsigned>(lost))};
      const unsigned first = opens(flow);
      set_state(first, lost);
      const unsigned second = asks(flow);
      EXPECT_NE(second, first) << name_of(service);
      EXPECT_EQ(asks(flow), second) << "and stays there";
      EXPECT_EQ(counted(RemoveReason::moved), ++moved);
      if (!is_direct(service)) {
        EXPECT_EQ(server_sends(from_server(flow, second)), leaves(kP0, at_client(flow)));
      }
      set_state(first, BackendState::up);
      EXPECT_EQ(asks(flow), second) << "nobody is called back";
    }
  }
  EXPECT_EQ(entries(), 9U);
}

TEST_F(MoveStories, ADrainedServerKeepsItsFlows) {
  const Flow flow{kDns, 40000};
  const unsigned server = opens(flow);
  set_state(server, BackendState::draining);
  EXPECT_EQ(asks(flow), server);
  EXPECT_EQ(counted(RemoveReason::moved), 0U);
}

TEST_F(MoveStories, ALostServersAnswersStillReachTheClient) {
  const Flow flow{kDns, 40000};
  const unsigned first = opens(flow);
  set_state(first, BackendState::down);
  EXPECT_EQ(server_sends(from_server(flow, first)), leaves(kP0, at_client(flow))) << "before the flow has moved";
  EXPECT_NE(asks(flow), first);
  EXPECT_EQ(server_sends(from_server(flow, first)), leaves(kP0, at_client(flow))) << "and after: its port proves its service";
}

TEST_F(MoveStories, WithNobodyElseAFlowStays) {
  const Flow flow{kDns, 40000};
  const unsigned server = opens(flow);
  for (const unsigned each : kServers) set_state(each, BackendState::down);
  EXPECT_EQ(asks(flow), server) << "checks may err, and nobody would do better";
  EXPECT_EQ(client_sends(from_client({kDns, 50000})), Lines{"drop no_backend"}) << "who is new";
  EXPECT_EQ(counted(RemoveReason::moved), 0U);
}

TEST_F(MoveStories, APortUsedAgainAfterADrainGoesElsewhereAtOnce) {
  const Flow flow{kWeb, 40000};
  const unsigned first = opens(flow);
  set_state(first, BackendState::draining);
  finish(flow, first);
  const unsigned second = opens(flow);
  EXPECT_NE(second, first) << "within the second, and by its first SYN";
  EXPECT_NE(second, 0U);
  EXPECT_EQ(counted(RemoveReason::replaced), 1U);
}

TEST_F(MoveStories, WithoutADrainThePortMayFindTheSameServer) {
  unsigned same = 0;
  for (std::uint16_t port = 1; port <= 60; ++port) {
    const unsigned first = opens({kWeb, port});
    server_sends(from_server({kWeb, port}, first, kTcpRst));
    same += opens({kWeb, port}) == first;
  }
  EXPECT_GT(same, 5U) << "or the story above tells nothing";
}

TEST_F(MoveStories, AResetConnectionsPortGoesElsewhereToo) {
  const Flow flow{kWeb, 40000};
  const unsigned first = opens(flow);
  set_state(first, BackendState::draining);
  client_sends(from_client(flow, kTcpRst));
  EXPECT_NE(opens(flow), first);
}

TEST_F(MoveStories, OnePortOpenToTwoVipsOfTheSameServersKeepsBothConnections) {
  world.services.push_back(nat_service("10.0.0.102:80", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));
  publish();
  const auto to_other = [](std::uint16_t port, std::uint8_t flags) {
    return frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.102").tcp(port, 80, flags);
  };
  for (std::uint16_t port = 1; port <= 40; ++port) {
    const Flow flow{kWeb, port};
    const unsigned web = opens(flow), other = server_of(client_sends(to_other(port, kTcpSyn)));
    EXPECT_NE(other, web) << "the server could not tell them apart";
    EXPECT_EQ(server_sends(from_server(flow, other)),
              leaves(kP0, frame().eth(kClient, kNode0).ip("10.0.0.102", "10.0.0.5").ttl(63).tcp(80, port, kTcpSyn | kTcpAck)));
    EXPECT_EQ(server_sends(from_server(flow, web, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
    EXPECT_EQ(server_of(client_sends(to_other(port, kTcpAck))), other);
    EXPECT_EQ(server_of(client_sends(from_client(flow, kTcpAck))), web);
  }
  EXPECT_EQ(entries(), 80U);
}

}  // namespace
}  // namespace tandem::test
