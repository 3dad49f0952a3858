// SPDX-License-Identifier: Apache-2.0
// More SYNs than the table may wait for: they are forwarded and not remembered, and whoever completes his handshake is.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

constexpr Service kShared = static_cast<Service>(kDirectDns6 + 1);

// A table of 1000: 250 may be half-open, a flood begins at 188.
class FloodStories : public Scenario {
 protected:
  FloodStories() : Scenario{1, 1000} {}

  void flood(Service service, std::uint16_t first, std::uint16_t count) {
    for (std::uint16_t port = first; port < first + count; ++port)
      ASSERT_NE(server_of(client_sends(from_client({service, port}))), 0U) << "every one of them is forwarded";
  }
};

TEST_F(FloodStories, WhoCompletesHisHandshakeIsEntered) {
  for (const Service service : {kWeb, kWeb6, kDirectWeb, kDirectWeb6}) {
    flood(service, 1000, 1000);
    const std::uint64_t passed = counted(OrphanDecision::flood_syn);
    EXPECT_GE(passed, 800U);
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    EXPECT_EQ(counted(OrphanDecision::flood_syn), passed + 1);
    EXPECT_EQ(client_sends(from_client(flow, kTcpPsh | kTcpAck)), leaves(kP1, at_server(flow, server, kTcpPsh | kTcpAck)));
    if (!is_direct(service)) server_sends(from_server(flow, server, kTcpAck));
    EXPECT_EQ(entries(ConnState::established), 1U) << name_of(service);
    restart();
  }
}

TEST_F(FloodStories, ASynThatIsNotRememberedTakesNoTurnAndGoesTheSameWayAgain) {
  flood(kWeb, 1000, 500);
  EXPECT_EQ(counted(kWeb, &BackendCounters::new_connections), 188U);
  for (std::uint16_t port = 5000; port < 5050; ++port) {
    const Flow flow{kWeb, port};
    EXPECT_EQ(server_of(client_sends(from_client(flow))), server_of(client_sends(from_client(flow))));
  }
  EXPECT_EQ(counted(kWeb, &BackendCounters::new_connections), 188U);
}

TEST_F(FloodStories, NobodyNewForAServerThatIsNotUpInAFloodEither) {
  flood(kWeb, 1000, 500);
  set_state(12, BackendState::draining), set_state(13, BackendState::down);
  for (std::uint16_t port = 5000; port < 5030; ++port) EXPECT_EQ(opens({kWeb, port}), 11U);
  set_state(11, BackendState::down), set_state(12, BackendState::down);
  EXPECT_EQ(client_sends(from_client({kWeb, 6000})), Lines{"drop no_backend"});
}

TEST_F(FloodStories, AnsweredConversationsAreNotTouched) {
  std::vector<std::pair<Flow, unsigned>> talks;
  for (std::uint16_t port = 1; port <= 100; ++port) talks.emplace_back(Flow{kWeb, port}, opens({kWeb, port}));
  flood(kWeb, 1000, 5000);
  EXPECT_EQ(counted(RemoveReason::evicted), 0U);
  for (const auto& [flow, server] : talks) {
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  }
}

TEST_F(FloodStories, ItEndsWhenHandshakesWouldBeWaitedForAgain) {
  flood(kWeb, 1000, 2000);
  pass_time(6);
  EXPECT_EQ(entries(ConnState::half_open), 0U);
  client_sends(from_client({kWeb, 40000}));
  EXPECT_EQ(entries(ConnState::half_open), 0U) << "the table alone would say that it is over, and it would begin again at once";
  pass_time(20);
  client_sends(from_client({kWeb, 40000}));
  EXPECT_EQ(entries(ConnState::half_open), 1U);
}

TEST_F(FloodStories, HandshakesThatAreCompletedAreNoFlood) {
  flood(kWeb, 1000, 500);
  for (std::uint16_t port = 5000; port < 5700; ++port) opens({kWeb, port});
  pass_time(6);
  EXPECT_EQ(entries(), 0U);
  client_sends(from_client({kWeb, 40000}));
  EXPECT_EQ(entries(ConnState::half_open), 1U) << "700 more SYNs that nobody acknowledged would still be waited for";
}

// A reply would not tell whose it is, so each SYN is remembered, in the place of another.
TEST_F(FloodStories, ServicesThatShareTheirServersRememberSynsAndForgetOthers) {
  world.services.push_back(nat_service("10.0.0.102:80", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));
  publish();
  flood(kWeb, 1000, 2000);
  EXPECT_EQ(counted(OrphanDecision::flood_syn), 0U);
  EXPECT_EQ(entries(ConnState::half_open), 250U);
  EXPECT_EQ(counted(RemoveReason::evicted), 1750U);
  EXPECT_EQ(counted(InsertFailure::half_open_quota), 0U);
  opens({kWeb, 40000});
  EXPECT_EQ(entries(ConnState::established), 1U);
}

TEST_F(FloodStories, WhatIsLentIsRememberedToo) {
  world.services.push_back(nat_service("10.0.0.102:80", {"10.0.1.11:9090", "10.0.1.12:9090", "10.0.1.13:9090"}));
  world.services[kWeb].fallback = kShared;
  for (WorldBackend& backend : world.services[kWeb].backends) backend.state = BackendState::down;
  publish();
  flood(kWeb, 1000, 500);
  EXPECT_EQ(counted(OrphanDecision::flood_syn), 0U);
  EXPECT_EQ(entries(ConnState::half_open), 250U);
}

TEST_F(FloodStories, ATableThatIsNearlyFullRemembersNoSynsEither) {
  for (std::uint16_t port = 1; port <= 950; ++port) client_sends(from_client({kDirectWeb, port}, kTcpAck));
  flood(kWeb, 1000, 50);
  EXPECT_EQ(counted(OrphanDecision::flood_syn), 50U);
  EXPECT_EQ(entries(ConnState::half_open), 0U);
}

// Where replies pass us they are not believed before the server has answered.
TEST_F(FloodStories, AFloodOfAcksHoldsNoMoreThanOneOfSyns) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  for (std::uint16_t port = 1000; port < 3000; ++port) EXPECT_NE(server_of(client_sends(from_client({kWeb, port}, kTcpAck))), 0U);
  EXPECT_EQ(entries(ConnState::half_open), 250U);
  EXPECT_EQ(entries(), 251U);
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
}

TEST_F(FloodStories, AHalfOpenExceptionGoesBeforeAConversation) {
  for (std::uint16_t port = 1; port <= 100; ++port) client_sends(from_client({kWeb, port}));
  for (std::uint16_t port = 1000; port < 2100; ++port) client_sends(from_client({kDirectWeb, port}, kTcpAck));
  EXPECT_EQ(entries(), 1000U);
  EXPECT_LT(entries(ConnState::half_open), 10U) << "exceptions among them, as far as a bounded search met them";
}

}  // namespace
}  // namespace tandem::test
