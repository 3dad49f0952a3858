// SPDX-License-Identifier: Apache-2.0
// The world changes in the middle of a conversation: servers, weights, routes, neighbours, and clients who begin again.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class ChangeStories : public Scenario {
 protected:
  void expect_goes_on(const Flow& flow, unsigned server) {
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck))) << name_of(flow.service);
    if (is_direct(flow.service)) return;
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  }
  void open_many(Service service, std::uint16_t from, std::uint16_t count) {
    for (std::uint16_t port = from; port < from + count; ++port) opens({service, port});
  }
  std::uint64_t new_at(Service service, unsigned server) { return counted(service, server, &BackendCounters::new_connections); }
  void set_weight(Service service, unsigned server, std::uint16_t weight) {
    world.services[service].backends[server - kServers[0]].weight = weight;
    publish();
  }
};

TEST_F(ChangeStories, AServerThatGoesDownKeepsItsConnectionsAndGetsNoNewOnes) {
  for (const Service service : {kWeb, kWeb6, kDirectWeb, kDirectWeb6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    set_state(server, BackendState::down);
    expect_goes_on(flow, server);
    open_many(service, 100, 30);
    EXPECT_EQ(new_at(service, server), 1U) << name_of(service);
    set_state(server, BackendState::up);
    open_many(service, 200, 30);
    EXPECT_GT(new_at(service, server), 1U) << "back again";
  }
}

TEST_F(ChangeStories, AClientOfALostServerConnectsAnewWithTheSamePort) {
  const Flow flow{kWeb, 40000};
  const unsigned first = opens(flow);
  set_state(first, BackendState::down);
  const unsigned second = opens(flow);
  EXPECT_NE(second, first);
  EXPECT_EQ(counted(RemoveReason::replaced), 1U);
  EXPECT_EQ(server_sends(from_server(flow, first, kTcpRst)), leaves(kP0, at_client(flow, kTcpRst))) << "the old server's last word";
  expect_goes_on(flow, second);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(ChangeStories, ADrainedServerFinishesWhatItHas) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  set_state(server, BackendState::draining);
  open_many(kWeb, 100, 30);
  EXPECT_EQ(new_at(kWeb, server), 1U);
  EXPECT_EQ(client_sends(from_client(flow)), leaves(kP1, at_server(flow, server))) << "a SYN is not a new connection there (RFC 5961)";
  server_sends(from_server(flow, server, kTcpFin | kTcpAck));
  client_sends(from_client(flow, kTcpFin | kTcpAck));
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::closed_finished), 1U);
  pass_time(62);
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::opened_entries), counted(kWeb, server, &BackendCounters::removed_entries)) << "empty";
}

TEST_F(ChangeStories, ARemovedServerKeepsItsConnectionsUntilItsSlotIsAnothers) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  set_state(server, BackendState::gone);
  expect_goes_on(flow, server);
  ++world.services[kWeb].backends[server - kServers[0]].incarnation;
  set_state(server, BackendState::unused);
  const unsigned other = server_of(client_sends(from_client(flow, kTcpAck)));
  EXPECT_NE(other, server);
  EXPECT_NE(other, 0U);
  EXPECT_EQ(counted(RemoveReason::backend_gone), 1U);
  EXPECT_EQ(counted(OrphanDecision::adopted_first_candidate), 1U);
}

TEST_F(ChangeStories, AllServersDownIsNamedAndOldConnectionsGoOn) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  for (const unsigned each : kServers) set_state(each, BackendState::down);
  for (std::size_t service = kWeb; service <= kDirectDns6; ++service)
    EXPECT_EQ(client_sends(from_client({static_cast<Service>(service), 50000})), Lines{"drop no_backend"});
  EXPECT_EQ(counted(DropReason::no_backend), 8U);
  expect_goes_on(flow, server);
  for (const unsigned each : kServers) set_state(each, BackendState::up);
  EXPECT_NE(opens({kWeb, 50000}), 0U);
}

TEST_F(ChangeStories, AHeavierServerGetsItsShareOfTheNewOnesAlone) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow), other = server == 11 ? 12 : 11;
  set_weight(kWeb, other, 2);
  open_many(kWeb, 1, 120);
  EXPECT_NEAR(static_cast<double>(new_at(kWeb, other)), 60, 12) << "two of four shares";
  expect_goes_on(flow, server);
}

TEST_F(ChangeStories, WeightZeroDrains) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  set_weight(kWeb, server, 0);
  open_many(kWeb, 100, 30);
  EXPECT_EQ(new_at(kWeb, server), 1U);
  expect_goes_on(flow, server);
}

TEST_F(ChangeStories, AServersNewMacIsUsedAtOnce) {
  for (const Service service : {kWeb, kDirectWeb6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    learn_neighbour(address_of(service, server), "02:00:00:00:bb:77", kP1);
    publish();
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck).eth("02:00:00:00:bb:77", kNode1)));
  }
}

TEST_F(ChangeStories, ANewRouteTakesAnswersAnotherWay) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  world.routes.push_back({parse_prefix("10.0.0.5/32").value(), address("10.0.0.254"), kP0, 0});
  ++world.route_version;
  publish();
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck).eth(kGateway, kNode0)));
  world.routes.pop_back();
  ++world.route_version;
  publish();
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
}

TEST_F(ChangeStories, APortUsedAgainAfterBothFinsIsANewConnection) {
  const Flow flow{kWeb, 40000};
  for (unsigned round = 1; round <= 5; ++round) {
    const unsigned server = opens(flow);
    server_sends(from_server(flow, server, kTcpFin | kTcpAck));
    client_sends(from_client(flow, kTcpFin | kTcpAck));
    EXPECT_EQ(counted(kWeb, &BackendCounters::new_connections), round);
  }
  EXPECT_EQ(counted(RemoveReason::replaced), 4U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(ChangeStories, AForgedResetDoesNotEndAConversationThatGoesOn) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  client_sends(from_client(flow, kTcpRst));
  EXPECT_EQ(entries(ConnState::reset), 1U);
  expect_goes_on(flow, server);
  EXPECT_EQ(entries(ConnState::established), 1U);
  pass_time(60);
  expect_goes_on(flow, server);
  EXPECT_EQ(counted(&WorkerCounters::lookups_miss), 1U) << "the entry was never missed but by its own SYN";
}

TEST_F(ChangeStories, AResetThatIsMeantEndsItInTenSeconds) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpRst | kTcpAck)), leaves(kP0, at_client(flow, kTcpRst | kTcpAck)));
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::closed_reset), 1U);
  pass_time(12);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(ChangeStories, AnIdleConversationIsForgottenAndTakenUpAgain) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  pass_time(902);
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::closed_expired), 1U);
  EXPECT_NE(server_of(client_sends(from_client(flow, kTcpAck))), 0U);
  EXPECT_EQ(counted(OrphanDecision::adopted_first_candidate), 1U);
}

TEST_F(ChangeStories, AFloodOfSynsLeavesRoomForConversations) {
  std::vector<Flow> flows;
  for (std::uint16_t port = 1; port <= 50; ++port) flows.push_back({kWeb, port});
  std::vector<unsigned> servers;
  for (const Flow& flow : flows) servers.push_back(opens(flow));
  for (std::uint16_t port = 1000; port < 3000; ++port) EXPECT_EQ(client_sends(from_client({kWeb, port})).size(), 1U);
  EXPECT_EQ(entries(ConnState::half_open), 750U) << "three quarters of what may be half-open";
  EXPECT_EQ(counted(OrphanDecision::flood_syn), 1250U) << "the others are forwarded and not remembered";
  for (std::size_t i = 0; i < flows.size(); ++i) expect_goes_on(flows[i], servers[i]);
  EXPECT_EQ(counted(RemoveReason::evicted), 0U);
  pass_time(7);
  EXPECT_EQ(counted(kWeb, &BackendCounters::unanswered_syns), 750U);
}

}  // namespace
}  // namespace tandem::test
