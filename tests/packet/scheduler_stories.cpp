// SPDX-License-Identifier: Apache-2.0
// least-connections, source-hash and maglev as clients and servers meet them.
#include <map>
#include <set>

#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class SchedulerStories : public Scenario {
 protected:
  explicit SchedulerStories(std::size_t workers = 1) : Scenario{workers} {}

  void choose_by(SchedulerKind kind) {
    for (WorldService& service : world.services) service.scheduler = kind;
    publish();
  }
  std::uint64_t live_at(Service service, unsigned server) const {
    const auto count = [&](Counter BackendCounters::*which) { return counted(service, server, which); };
    return count(&BackendCounters::opened_entries) - count(&BackendCounters::removed_entries) - count(&BackendCounters::closed_entries) +
           count(&BackendCounters::reopened_or_ended);
  }
  void ends(const Flow& flow, unsigned server) {
    server_sends(from_server(flow, server, kTcpFin | kTcpAck));
    client_sends(from_client(flow, kTcpFin | kTcpAck));
  }
  // How many of 60 conversations go on at their server when nothing is remembered of them.
  unsigned kept_after_restart() {
    restart();  // whatever a part of the story before this one left
    std::map<std::uint16_t, unsigned> servers;
    for (std::uint16_t port = 1; port <= 60; ++port) servers[port] = opens({kWeb, port});
    restart();
    unsigned kept = 0;
    for (const auto& [port, server] : servers) kept += server_of(client_sends(from_client({kWeb, port}, kTcpAck))) == server;
    return kept;
  }
};

TEST_F(SchedulerStories, NewConnectionsGoWhereFewestAreOpen) {
  choose_by(SchedulerKind::least_connections);
  for (const Service service : {kWeb, kWeb6}) {
    std::map<std::uint16_t, unsigned> servers;
    for (std::uint16_t port = 1; port <= 60; ++port) servers[port] = opens({service, port});
    for (const unsigned server : kServers) EXPECT_NEAR(static_cast<double>(live_at(service, server)), 20, 3) << server;
    for (const auto& [port, server] : servers)
      if (server == 11) ends({service, port}, server);
    EXPECT_EQ(live_at(service, 11), 0U) << "what lingers in TIME_WAIT is no load";
    for (std::uint16_t port = 100; port < 110; ++port) opens({service, port});
    EXPECT_GE(live_at(service, 11), 5U) << "whoever has it among its two candidates goes there: two thirds";
    EXPECT_NEAR(static_cast<double>(live_at(service, 12) + live_at(service, 13)), 40, 6);
  }
}

TEST_F(SchedulerStories, AnIdleServicesConnectionsAreDerivable) {
  choose_by(SchedulerKind::least_connections);
  for (std::uint16_t port = 1; port <= 30; ++port) ends({kWeb, port}, opens({kWeb, port}));
  EXPECT_EQ(counted(kWeb, &BackendCounters::exceptions), 0U) << "with equal loads the first candidate has it";
}

class SchedulerStoriesOfTwo : public SchedulerStories {
 protected:
  SchedulerStoriesOfTwo() : SchedulerStories{2} {}
};

TEST_F(SchedulerStoriesOfTwo, AWorkerSeesWhatTheOtherHasOpened) {
  choose_by(SchedulerKind::least_connections);
  const auto set = [&](unsigned server, BackendState state) { world.services[kWeb].backends[server - kServers[0]].state = state; };
  set(12, BackendState::down), set(13, BackendState::down);
  publish();
  std::vector<Flow> others;
  for (std::uint16_t port = 1; port <= 80; ++port)
    if (client_sends(from_client({kWeb, port})) == Lines{"hand over to 1"}) others.push_back({kWeb, port});
  EXPECT_EQ(live_at(kWeb, 11), 80U - others.size()) << "all of the first worker's";
  set(12, BackendState::up), set(13, BackendState::up);
  publish();
  deliver();
  EXPECT_EQ(live_at(kWeb, 11), 80U - others.size()) << "the second worker's go past the server that the first has filled";
  EXPECT_EQ(live_at(kWeb, 12) + live_at(kWeb, 13), others.size());
  EXPECT_GT(others.size(), 20U);
}

TEST_F(SchedulerStories, AClientComesBackToItsServer) {
  choose_by(SchedulerKind::source_hash);
  std::set<unsigned> used;
  for (unsigned host = 10; host < 40; ++host) {
    const std::string client = "10.0.0." + std::to_string(host);
    const unsigned server = server_of(client_sends(from_client({kWeb, 1, client})));
    used.insert(server);
    for (std::uint16_t port = 2; port <= 6; ++port) EXPECT_EQ(server_of(client_sends(from_client({kWeb, port, client}))), server);
  }
  EXPECT_EQ(used.size(), 3U) << "and clients are shared";
  EXPECT_EQ(counted(kWeb, &BackendCounters::exceptions), 0U);
}

TEST_F(SchedulerStories, AClientOfALostServerHasAnotherAndComesHome) {
  choose_by(SchedulerKind::source_hash);
  const unsigned home = opens({kWeb, 1});
  set_state(home, BackendState::down);
  const unsigned other = opens({kWeb, 2});
  EXPECT_NE(other, home);
  EXPECT_EQ(opens({kWeb, 3}), other) << "one other, not any";
  EXPECT_EQ(counted(kWeb, &BackendCounters::exceptions), 2U) << "its schedule alone would choose the lost one";
  set_state(home, BackendState::up);
  EXPECT_EQ(opens({kWeb, 4}), home);
}

TEST_F(SchedulerStories, OfAStatelessServiceNothingIsLostWithItsTable) {
  choose_by(SchedulerKind::maglev);
  EXPECT_EQ(kept_after_restart(), 60U);
  choose_by(SchedulerKind::source_hash);
  EXPECT_EQ(kept_after_restart(), 60U);
  choose_by(SchedulerKind::round_robin);
  EXPECT_LT(kept_after_restart(), 45U) << "where turns are taken, a third is right by chance";
}

}  // namespace
}  // namespace tandem::test
