// SPDX-License-Identifier: Apache-2.0
// Connections that are ended though nobody says anything: of a server whose grace is over, or by an operator's order.
#include "tests/packet/pair_site.h"

namespace tandem::test {
namespace {

Lines operator+(Lines left, const Lines& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const Lines kDropped{"drop connection_cut"};

void cut(World& world, Service service, unsigned server, BackendState state = BackendState::disabled) {
  WorldBackend& backend = world.services[service].backends[server - kServers[0]];
  backend.state = state, backend.cut = true;
  ++world.cuts;
}

class SilentStories : public Scenario {
 protected:
  Lines cuts(Service service, unsigned server, BackendState state = BackendState::disabled) {
    cut(world, service, server, state);
    publish();
    return sweep();
  }
  // What makes the client, and the server, tell its numbers.
  static Lines asked(const Flow& flow, unsigned server) {
    return leaves(kP0, at_client(flow, kTcpAck).ttl(64)) + leaves(kP1, at_server(flow, server, kTcpAck).ttl(64));
  }
};

TEST_F(SilentStories, BothEndsAreAskedAndEachAnswerIsAnsweredByAReset) {
  for (const Service service : {kWeb, kWeb6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    EXPECT_EQ(cuts(service, server), asked(flow, server)) << name_of(service);
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).numbers(5000, 7000)),
              leaves(kP0, at_client(flow, kTcpRst).ttl(64).numbers(7000, 0)) + kDropped);
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).numbers(7000, 5000)),
              leaves(kP1, at_server(flow, server, kTcpRst).ttl(64).numbers(5000, 0)) + kDropped);
    EXPECT_EQ(counted(service, server, &BackendCounters::closed_cut), 1U);
  }
  pass_time(12);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(SilentStories, ARemovedServersGraceEndsAlike) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(cuts(kWeb, server, BackendState::gone), asked(flow, server));
}

TEST_F(SilentStories, OthersConnectionsAreLeftAlone) {
  std::vector<unsigned> servers;
  for (std::uint16_t port = 1; port <= 30; ++port) servers.push_back(opens({kWeb, port}));
  const auto at_12 = static_cast<std::size_t>(std::ranges::count(servers, 12U));
  EXPECT_EQ(cuts(kWeb, 12).size(), 2 * at_12);
  EXPECT_EQ(entries(ConnState::reset), at_12);
  for (std::uint16_t port = 1; port <= 30; ++port)
    if (const unsigned server = servers[port - 1U]; server != 12) {
      EXPECT_EQ(client_sends(from_client({kWeb, port}, kTcpAck)), leaves(kP1, at_server({kWeb, port}, server, kTcpAck)));
    }
}

TEST_F(SilentStories, MoreThanOneTurnCanTellAreAllTold) {
  std::size_t at_12 = 0;
  for (std::uint16_t port = 1; port <= 900; ++port) at_12 += opens({kWeb, port}) == 12;
  EXPECT_GT(at_12, OwnSegments::kRoom);
  EXPECT_EQ(cuts(kWeb, 12).size(), 2 * at_12);
}

TEST_F(SilentStories, NobodyIsAskedWithoutACause) {
  const Flow flow{kWeb, 40000};
  set_state(opens(flow), BackendState::disabled);
  ++world.cuts;
  publish();
  EXPECT_EQ(sweep(), Lines{}) << "disabled, and its grace not over";
}

TEST_F(SilentStories, AFlowOfDatagramsEndsWithoutAWord) {
  const Flow flow{kDns, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(cuts(kDns, server), Lines{});
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(counted(RemoveReason::killed), 1U);
  EXPECT_NE(server_of(client_sends(from_client(flow))), server);
}

TEST_F(SilentStories, WhereAnswersDoNotPassUsTheClientAloneIsAsked) {
  const Flow flow{kDirectWeb, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(cuts(kDirectWeb, server), leaves(kP0, at_client(flow, kTcpAck).ttl(64)));
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck).numbers(5000, 7000)),
            leaves(kP0, at_client(flow, kTcpRst).ttl(64).numbers(7000, 0)) +
                leaves(kP1, at_server(flow, server, kTcpRst | kTcpAck).ttl(64).numbers(5000, 7000)) + kDropped);
}

TEST_F(SilentStories, AHandshakeAndAClosedConnectionAreNotAsked) {
  const Flow closed{kWeb, 40000};
  const unsigned server = opens(closed);
  server_sends(from_server(closed, server, kTcpFin | kTcpAck));
  client_sends(from_client(closed, kTcpFin | kTcpAck));
  for (std::uint16_t port = 1; port <= 10; ++port) client_sends(from_client({kWeb, port}));
  for (const unsigned each : kServers) cut(world, kWeb, each);
  publish();
  EXPECT_EQ(sweep(), Lines{});
}

TEST_F(SilentStories, AnOperatorsOrderEndsOneConnection) {
  const Flow flow{kWeb, 40000}, other{kWeb, 40001};
  const unsigned server = opens(flow), other_server = opens(other);
  order_cut({Protocol::tcp, address("10.0.0.5"), address("10.0.0.100"), 40000, 80});
  EXPECT_EQ(sweep(), asked(flow, server));
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck).numbers(1, 2)), leaves(kP0, at_client(flow, kTcpRst).ttl(64).numbers(2, 0)) + kDropped);
  EXPECT_EQ(client_sends(from_client(other, kTcpAck)), leaves(kP1, at_server(other, other_server, kTcpAck)));
  EXPECT_NE(opens(flow), 0U) << "its client may come again at once";
}

TEST_F(SilentStories, AnOrderForNobodyDoesNothing) {
  opens({kWeb, 40000});
  order_cut({Protocol::tcp, address("10.0.0.5"), address("10.0.0.100"), 40001, 80});
  EXPECT_EQ(sweep(), Lines{});
}

class SilentPairStories : public PairScenario {};

TEST_F(SilentPairStories, WhatTheOtherNodeOwnsIsEndedThere) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  we_have({kSecond});
  cut(world, kWeb, server);
  publish();
  EXPECT_EQ(sweep(), Lines{});
  we_have({kFirst, kSecond});
  ++world.cuts;
  publish();
  EXPECT_EQ(sweep().size(), 2U) << "and what we own, here";
}

}  // namespace
}  // namespace tandem::test
