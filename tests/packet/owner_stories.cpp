// SPDX-License-Identifier: Apache-2.0
// Two workers: whoever receives a packet, its connection's one owner forwards it.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class OwnerStories : public Scenario {
 protected:
  OwnerStories() : Scenario{2} {}

  // Received by worker 0, forwarded by whoever owns it.
  Lines sends(PortId port, const Frame& frame) {
    const Lines lines = receive(port, {frame.bytes()});
    return lines == Lines{"hand over to 1"} ? deliver() : lines;
  }
  // The first port from `port` on whose connection worker 1 owns.
  Flow others(Service service, std::uint16_t port) {
    while (receive(kP0, {from_client({service, port}).bytes()}) != Lines{"hand over to 1"}) ++port;
    return {service, port};
  }
};

TEST_F(OwnerStories, EachConnectionHasOneOwnerForBothDirections) {
  for (const Service service : {kWeb, kWeb6}) {
    for (std::uint16_t port = 1; port <= 40; ++port) {
      const Flow flow{service, port};
      const unsigned server = server_of(sends(kP0, from_client(flow)));
      ASSERT_NE(server, 0U);
      EXPECT_EQ(sends(kP1, from_server(flow, server)), leaves(kP0, at_client(flow)));
      EXPECT_EQ(sends(kP0, from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
    }
  }
  EXPECT_EQ(entries_of(0) + entries_of(1), 80U) << "never two entries for one connection";
  EXPECT_GT(entries_of(0), 10U);
  EXPECT_GT(entries_of(1), 10U);
  EXPECT_EQ(counted(&WorkerCounters::lookups_miss), 80U) << "the owner knows both directions";
}

TEST_F(OwnerStories, ItDoesNotMatterWhoReceives) {
  for (std::uint16_t port = 1; port <= 30; ++port) {
    const Flow flow{kDns, port};
    Lines lines = receive(kP0, {from_client(flow).bytes()}, 0);
    if (server_of(lines) == 0) lines = deliver();
    const unsigned server = server_of(lines);
    lines = receive(kP0, {from_client(flow).bytes()}, 1);
    if (server_of(lines) == 0) lines = deliver();
    EXPECT_EQ(lines, leaves(kP1, at_server(flow, server)));
  }
  EXPECT_EQ(entries(), 30U);
}

TEST_F(OwnerStories, ABurstIsPartlyOursAndPartlyTheOthers) {
  std::vector<Bytes> burst;
  for (std::uint16_t port = 1; port <= 32; ++port) burst.push_back(from_client({kWeb, port}).bytes());
  const Lines here = receive(kP0, burst);
  std::size_t handed = 0;
  for (const std::string& line : here) handed += line == "hand over to 1";
  EXPECT_GT(handed, 4U);
  EXPECT_LT(handed, 28U);
  EXPECT_EQ(deliver().size(), handed);
  EXPECT_EQ(entries_of(0), 32 - handed);
  EXPECT_EQ(entries_of(1), handed);
}

TEST_F(OwnerStories, TheOwnerJudgesWhatItIsGiven) {
  const Flow flow = others(kWeb, 1);
  EXPECT_EQ(server_of(deliver()) != 0, true);
  const Frame elsewhere = frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(flow.port, 81, kTcpSyn);
  EXPECT_EQ(client_sends(elsewhere), Lines{"hand over to 1"}) << "the client end decides, not the service";
  EXPECT_EQ(deliver(), Lines{"drop no_service"});
  EXPECT_EQ(counted(DropReason::no_service), 1U);
}

TEST_F(OwnerStories, TheOwnerHoldsForItsNeighbour) {
  for (const unsigned server : kServers) forget_neighbour(address_of(kWeb, server));
  publish();
  const Flow flow = others(kWeb, 1);
  const Lines held = deliver();
  ASSERT_EQ(held.size(), 1U);
  ASSERT_EQ(held[0].substr(0, 16), "hold for 10.0.1.");
  for (const unsigned server : kServers) learn_neighbour(address_of(kWeb, server), server_mac(server), kP1);
  const Lines left = publish();
  ASSERT_EQ(left.size(), static_cast<std::size_t>(flow.port)) << "those before it were ours, and waited here";
  for (const std::string& line : left) EXPECT_NE(server_of({line}), 0U) << line;
}

TEST_F(OwnerStories, AOneWayVipBelongsToItsReceiverWherePortsHaveEnoughQueues) {
  receiver_owns_one_way(kP0);
  for (std::uint16_t port = 1; port <= 30; ++port) EXPECT_NE(opens({kDirectWeb, port}), 0U);
  EXPECT_EQ(entries_of(0), 30U);
  EXPECT_EQ(entries_of(1), 0U);
}

TEST_F(OwnerStories, WhatHasNoConnectionIsSettledWhereItArrives) {
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").icmp(kIcmpEchoRequest)).at(0).substr(0, 4), "p0: ");
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.1").tcp(1, 22, kTcpSyn)).at(0).substr(0, 9), "punt rest");
  EXPECT_EQ(client_sends(from_client({kWeb, 1}).ttl(1)).back(), "drop ttl_expired");
  EXPECT_EQ(counted(&WorkerCounters::originated), 2U);
}

TEST_F(OwnerStories, PacketsUnderWayAreInTheBalanceToo) {
  others(kWeb, 1);
  others(kDns6, 1);  // neither is delivered: both are in flight when the balance is drawn
}

}  // namespace
}  // namespace tandem::test
