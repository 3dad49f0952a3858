// SPDX-License-Identifier: Apache-2.0
// Limits of a service and of its clients' addresses: what is over them is dropped by name, what stands goes on.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class LimitStories : public Scenario {
 protected:
  void limit(Service service, const Limits& limits) {
    world.services[service].limits = limits;
    publish();
  }
  // SYNs, or first datagrams, from as many ports; tells how many were dropped.
  std::size_t dropped_of(Service service, std::size_t count, const std::string& reason, const std::string& client = "") {
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < count; ++i)
      dropped += client_sends(from_client({service, next_port_++, client})) == Lines{"drop " + reason};
    return dropped;
  }
  std::uint64_t refused(Service service, LimitKind kind) { return world.services[service].meter->refused(kind); }

 private:
  std::uint16_t next_port_ = 1000;
};

TEST_F(LimitStories, NewConnectionsOverTheServicesLimitAreDropped) {
  for (const Service service : {kWeb, kDns}) {
    limit(service, {.connections_cps = 10});
    EXPECT_EQ(dropped_of(service, 20, "connections_limited"), 12U) << "a burst of eight";
    EXPECT_EQ(refused(service, LimitKind::connections), 12U);
    pass_time(1);
    EXPECT_EQ(dropped_of(service, 20, "connections_limited"), 12U) << "saved up again";
  }
}

TEST_F(LimitStories, ConnectionsThatStandAreNotNewOnes) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  limit(kWeb, {.connections_cps = 1});
  dropped_of(kWeb, 30, "connections_limited");
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
}

TEST_F(LimitStories, AClientWhoAsksAgainForWhatIsHalfOpenUsesNothing) {
  limit(kWeb, {.connections_cps = 1});
  for (int i = 0; i < 30; ++i) EXPECT_EQ(server_of(client_sends(from_client({kWeb, 40000}))) == 0, false);
}

TEST_F(LimitStories, OneSourceOverItsLimitLeavesTheOthersTheirs) {
  limit(kWeb, {.connections_cps = 100, .source_connections_cps = 1});
  EXPECT_EQ(dropped_of(kWeb, 40, "source_connections_limited"), 32U);
  EXPECT_EQ(dropped_of(kWeb, 2, "connections_limited", "10.0.0.6"), 0U) << "what was refused used nothing of the service's";
  EXPECT_EQ(refused(kWeb, LimitKind::source_connections), 32U);
}

TEST_F(LimitStories, PacketsOfClientsAreLimitedAndRepliesAreNot) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  limit(kWeb, {.packets_pps = 10});
  std::size_t dropped = 0;
  for (int i = 0; i < 20; ++i) dropped += client_sends(from_client(flow, kTcpAck)) == Lines{"drop packets_limited"};
  EXPECT_EQ(dropped, 12U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
}

TEST_F(LimitStories, PacketsOfOneSourceAreLimited) {
  const Flow flow{kWeb6, 40000};
  opens(flow);
  limit(kWeb6, {.source_packets_pps = 20});
  std::size_t dropped = 0;
  for (int i = 0; i < 20; ++i) dropped += client_sends(from_client(flow, kTcpAck)) == Lines{"drop source_packets_limited"};
  EXPECT_EQ(dropped, 12U);
  EXPECT_EQ(client_sends(from_client({kWeb, 40000})).size(), 1U) << "another service";
}

TEST_F(LimitStories, APacketThatOpensNothingCountsToo) {
  limit(kDns, {.packets_pps = 5});
  EXPECT_EQ(dropped_of(kDns, 10, "packets_limited"), 2U);
}

TEST_F(LimitStories, ALimitThatChangesForgetsNothing) {
  limit(kWeb, {.connections_cps = 10});
  dropped_of(kWeb, 20, "connections_limited");
  limit(kWeb, {.connections_cps = 20});
  EXPECT_EQ(dropped_of(kWeb, 1, "connections_limited"), 1U);
  EXPECT_EQ(refused(kWeb, LimitKind::connections), 13U);
}

}  // namespace
}  // namespace tandem::test
