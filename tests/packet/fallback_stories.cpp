// SPDX-License-Identifier: Apache-2.0
// No server of a service takes new connections, and another service lends its own.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

constexpr Service kSorry = static_cast<Service>(kDirectDns6 + 1), kDirectSorry = static_cast<Service>(kSorry + 1);
constexpr std::uint16_t kSorryPort = 9090;

class FallbackStories : public Scenario {
 protected:
  FallbackStories() {
    world.services.push_back(nat_service("10.0.0.102:80", {"10.0.1.11:9090", "10.0.1.12:9090", "10.0.1.13:9090"}));
    world.services.push_back(dsr_service("10.0.0.103:80", {"10.0.1.11:80", "10.0.1.12:80", "10.0.1.13:80"}));
    world.services[kWeb].fallback = kSorry, world.services[kDirectWeb].fallback = kDirectSorry;
    publish();
  }

  void set_all(Service service, BackendState state) {
    for (WorldBackend& backend : world.services[service].backends) backend.state = state;
    publish();
  }
  // Of a connection to kWeb, as a server of kSorry sees it and answers it.
  static Frame at_lent(const Flow& flow, unsigned server, std::uint8_t flags = kTcpSyn) {
    return frame().eth(server_mac(server), kNode1).ip("10.0.0.5", address_of(kWeb, server)).ttl(63).tcp(flow.port, kSorryPort, flags);
  }
  static Frame from_lent(const Flow& flow, unsigned server, std::uint8_t flags = kTcpSyn | kTcpAck) {
    return frame().eth(kNode1, server_mac(server)).ip(address_of(kWeb, server), "10.0.0.5").tcp(kSorryPort, flow.port, flags);
  }
  // The client's handshake with a lent server, every packet as it must be.
  unsigned opens_at_lent(const Flow& flow) {
    const Lines first = client_sends(from_client(flow));
    const unsigned server = server_of(first);
    EXPECT_EQ(first, leaves(kP1, at_lent(flow, server == 0 ? kServers[0] : server)));
    if (server == 0) return 0;
    EXPECT_EQ(server_sends(from_lent(flow, server)), leaves(kP0, at_client(flow))) << "the answer comes from the service that was asked";
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_lent(flow, server, kTcpAck)));
    return server;
  }
};

TEST_F(FallbackStories, ItsServersAnswerForTheServiceThatHasNone) {
  opens({kWeb, 1});
  EXPECT_EQ(counted(kSorry, &BackendCounters::new_connections), 0U) << "while it has its own, they are asked";
  set_all(kWeb, BackendState::down);
  for (std::uint16_t port = 100; port < 130; ++port) opens_at_lent({kWeb, port});
  EXPECT_EQ(counted(kWeb, &BackendCounters::new_connections), 1U);
  EXPECT_EQ(counted(kSorry, &BackendCounters::new_connections), 30U) << "they count where they are served";
  EXPECT_EQ(counted(kSorry, &BackendCounters::lent_connections), 30U);
  EXPECT_EQ(counted(kSorry, &BackendCounters::exceptions), 30U) << "the service's own schedule would choose none of them again";
  for (const unsigned server : kServers)
    EXPECT_NEAR(static_cast<double>(counted(kSorry, server, &BackendCounters::new_connections)), 10, 4) << "by its turns";
  EXPECT_EQ(counted(DropReason::no_backend), 0U);
}

TEST_F(FallbackStories, DrainedAndDisabledServersAreNoneEither) {
  for (const BackendState state : {BackendState::draining, BackendState::disabled}) {
    set_all(kWeb, state);
    EXPECT_NE(opens_at_lent({kWeb, static_cast<std::uint16_t>(state)}), 0U);
  }
}

TEST_F(FallbackStories, OneServerOfItsOwnIsEnough) {
  set_all(kWeb, BackendState::down);
  world.services[kWeb].backends[1].state = BackendState::up;
  publish();
  for (std::uint16_t port = 1; port <= 10; ++port) EXPECT_EQ(opens({kWeb, port}), 12U);
}

TEST_F(FallbackStories, WhatWasLentGoesOnWhenItsOwnAreBackAndNewOnesGoHome) {
  set_all(kWeb, BackendState::down);
  const Flow flow{kWeb, 40000};
  const unsigned server = opens_at_lent(flow);
  set_all(kWeb, BackendState::up);
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_lent(flow, server, kTcpAck)));
  EXPECT_EQ(server_sends(from_lent(flow, server, kTcpFin | kTcpAck)), leaves(kP0, at_client(flow, kTcpFin | kTcpAck)));
  EXPECT_EQ(client_sends(from_client(flow, kTcpFin | kTcpAck)), leaves(kP1, at_lent(flow, server, kTcpFin | kTcpAck)));
  EXPECT_EQ(counted(kSorry, server, &BackendCounters::closed_finished), 1U);
  EXPECT_NE(opens(flow), 0U) << "the same port anew, at a server of its own";
}

TEST_F(FallbackStories, WithTheFallbackDownTooTheClientIsRefused) {
  set_all(kWeb, BackendState::down), set_all(kSorry, BackendState::down);
  EXPECT_EQ(client_sends(from_client({kWeb, 40000})), Lines{"drop no_backend"});
  EXPECT_EQ(client_sends(from_client({kWeb6, 40000})).size(), 1U) << "who has no fallback is not touched";
  EXPECT_EQ(counted(DropReason::no_backend), 1U);
}

TEST_F(FallbackStories, ThereIsOneStepAlone) {
  world.services.push_back(nat_service("10.0.0.104:80", {"10.0.1.11:9091", "10.0.1.12:9091", "10.0.1.13:9091"}));
  world.services[kSorry].fallback = kDirectSorry + 1;
  set_all(kWeb, BackendState::down), set_all(kSorry, BackendState::down);
  EXPECT_EQ(client_sends(from_client({kWeb, 40000})), Lines{"drop no_backend"});
}

TEST_F(FallbackStories, AClientsPortInUseAtALentServerIsGivenToAnother) {
  set_all(kWeb, BackendState::down);
  const auto to_sorry = [](std::uint16_t port) { return frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.102").tcp(port, 80, kTcpSyn); };
  for (std::uint16_t port = 1; port <= 40; ++port) {
    const unsigned taken = server_of(client_sends(to_sorry(port)));
    EXPECT_NE(opens_at_lent({kWeb, port}), taken) << "or the server could not tell the client's two connections apart";
  }
  EXPECT_GT(counted(InsertFailure::reply_key_taken), 5U);
  EXPECT_EQ(counted(kSorry, &BackendCounters::lent_connections), 40U) << "of 80";
}

TEST_F(FallbackStories, AfterARestartAnAnswerOfALentServerIsItsBorrowersOrNobodys) {
  set_all(kWeb, BackendState::down);
  std::vector<std::pair<Flow, unsigned>> talks;
  for (std::uint16_t port = 1; port <= 120; ++port) talks.emplace_back(Flow{kWeb, port}, opens_at_lent({kWeb, port}));
  restart();
  unsigned told = 0, nobodys = 0;
  for (const auto& [flow, server] : talks) {
    const Lines lines = server_sends(from_lent(flow, server, kTcpAck));
    told += lines == leaves(kP0, at_client(flow, kTcpAck)), nobodys += lines == Lines{"drop reply_without_connection"};
  }
  EXPECT_EQ(told + nobodys, 120U) << "never its own service's";
  EXPECT_NEAR(told, 40, 15) << "of three servers, two are candidates of each";
}

TEST_F(FallbackStories, WhoLendsToNobodyJustNowProvesItsOwnService) {
  const Frame of_sorry = frame().eth(kClient, kNode0).ip("10.0.0.102", "10.0.0.5").ttl(63).tcp(80, 40000, kTcpAck);
  unsigned told = 0;
  for (const unsigned server : kServers) {
    const Lines lines = server_sends(from_lent({kWeb, 40000}, server, kTcpAck));
    told += lines == leaves(kP0, of_sorry);
    restart();
  }
  EXPECT_EQ(told, 2U) << "by either candidate";
}

TEST_F(FallbackStories, AfterARestartAConversationIsTakenUpAtALentServer) {
  set_all(kWeb, BackendState::down);
  for (std::uint16_t port = 1; port <= 20; ++port) opens_at_lent({kWeb, port});
  restart();
  for (std::uint16_t port = 1; port <= 20; ++port) {
    const Lines lines = client_sends(from_client({kWeb, port}, kTcpAck));
    EXPECT_EQ(lines, leaves(kP1, at_lent({kWeb, port}, server_of(lines), kTcpAck)));
  }
  EXPECT_EQ(counted(OrphanDecision::adopted_first_candidate), 20U);
  EXPECT_EQ(counted(kSorry, &BackendCounters::lent_connections), 0U) << "none of them is new";
}

TEST_F(FallbackStories, AStrayPacketGoesToALentServerAndLeavesNothing) {
  set_all(kWeb, BackendState::down);
  const Flow flow{kWeb, 40000};
  const Lines lines = client_sends(from_client(flow, kTcpRst));
  EXPECT_EQ(lines, leaves(kP1, at_lent(flow, server_of(lines), kTcpRst)));
  EXPECT_EQ(entries(), 0U);
}

TEST_F(FallbackStories, ByL2DsrTheLentServerHoldsTheVipToo) {
  set_all(kDirectWeb, BackendState::down);
  for (std::uint16_t port = 1; port <= 10; ++port) EXPECT_NE(opens({kDirectWeb, port}), 0U);
  EXPECT_EQ(counted(kDirectSorry, &BackendCounters::lent_connections), 10U);
  EXPECT_EQ(counted(kDirectWeb, &BackendCounters::new_connections), 0U);
}

TEST_F(FallbackStories, TheFallbacksOwnSchedulerChooses) {
  world.services[kSorry].scheduler = SchedulerKind::source_hash;
  set_all(kWeb, BackendState::down);
  const unsigned server = opens_at_lent({kWeb, 1});
  for (std::uint16_t port = 2; port <= 20; ++port) EXPECT_EQ(opens_at_lent({kWeb, port}), server) << "one client, one server";
}

}  // namespace
}  // namespace tandem::test
