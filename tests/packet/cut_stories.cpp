// SPDX-License-Identifier: Apache-2.0
// A server is lost, and its service wants its connections reset: both ends are told at the next segment of either, with numbers that
// they believe.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

constexpr std::uint8_t kData = kTcpPsh | kTcpAck;

Lines operator+(Lines left, const Lines& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const Lines kDropped{"drop connection_cut"};

class CutStories : public Scenario {
 protected:
  CutStories() {
    for (const Service service : {kWeb, kWeb6, kDirectWeb}) world.services[service].reset_dead = true;
    publish();
  }

  // The flow's server is lost.
  unsigned loses(const Flow& flow) {
    const unsigned server = opens(flow);
    set_state(server, BackendState::down);
    return server;
  }
  static Lines to_client(const Flow& flow, std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment) {
    return leaves(kP0, at_client(flow, flags).ttl(64).numbers(sequence, acknowledgment));
  }
  static Lines to_server(const Flow& flow, unsigned server, std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment) {
    return leaves(kP1, at_server(flow, server, flags).ttl(64).numbers(sequence, acknowledgment));
  }
};

TEST_F(CutStories, AClientsSegmentTellsBothEnds) {
  for (const Service service : {kWeb, kWeb6}) {
    const Flow flow{service, 40000};
    const unsigned server = loses(flow);
    EXPECT_EQ(client_sends(from_client(flow, kData).numbers(5000, 7000).payload(100)),
              to_client(flow, kTcpRst, 7000, 0) + to_server(flow, server, kTcpRst | kTcpAck, 5000, 7000) + kDropped)
        << "what a segment acknowledges is what its sender expects";
    EXPECT_EQ(counted(service, server, &BackendCounters::closed_cut), 1U);
    EXPECT_EQ(counted(service, server, &BackendCounters::closed_reset), 0U);
    set_state(server, BackendState::up);
  }
  EXPECT_EQ(counted(OwnSegmentKind::reset_client), 2U);
  EXPECT_EQ(counted(OwnSegmentKind::reset_backend), 2U);
  EXPECT_EQ(counted(DropReason::connection_cut), 2U);
}

TEST_F(CutStories, AServersSegmentToo) {
  const Flow flow{kWeb, 40000};
  const unsigned server = loses(flow);
  EXPECT_EQ(server_sends(from_server(flow, server, kData).numbers(9000, 4000).payload(10)),
            to_client(flow, kTcpRst | kTcpAck, 9000, 4000) + to_server(flow, server, kTcpRst, 4000, 0) + kDropped);
}

TEST_F(CutStories, ASegmentThatAcknowledgesNothingIsAcknowledged) {
  const Flow flow{kWeb, 40000};
  const unsigned server = loses(flow);
  EXPECT_EQ(client_sends(from_client(flow, kTcpFin).numbers(50, 0).payload(10)),
            to_client(flow, kTcpRst | kTcpAck, 0, 61) + to_server(flow, server, kTcpRst, 50, 0) + kDropped)
      << "ten bytes and the FIN";
}

TEST_F(CutStories, WhoeverSpeaksAgainIsToldAgainUntilItIsForgotten) {
  const Flow flow{kWeb, 40000};
  const unsigned server = loses(flow);
  client_sends(from_client(flow, kTcpAck));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).numbers(1, 2)), to_client(flow, kTcpRst, 2, 0) + kDropped);
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).numbers(3, 4)), to_server(flow, server, kTcpRst, 4, 0) + kDropped);
  }
  EXPECT_EQ(entries(ConnState::reset), 1U) << "no segment restores it";
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::closed_cut), 1U);
  pass_time(12);
  EXPECT_EQ(entries(), 0U);
}

TEST_F(CutStories, AServerThatReturnsHasLostWhatWasCutAndKeepsTheRest) {
  const Flow cut{kWeb, 40000};
  const unsigned server = loses(cut);
  client_sends(from_client(cut, kTcpAck));
  set_state(server, BackendState::up);
  EXPECT_EQ(client_sends(from_client(cut, kTcpAck).numbers(1, 2)), to_client(cut, kTcpRst, 2, 0) + kDropped);
  const Flow silent{kWeb, 40001};
  const unsigned other = loses(silent);
  set_state(other, BackendState::up);
  EXPECT_EQ(client_sends(from_client(silent, kTcpAck)), leaves(kP1, at_server(silent, other, kTcpAck))) << "which nobody noticed";
}

TEST_F(CutStories, AResetIsPassedOnAndNeverAnswered) {
  const Flow flow{kWeb, 40000};
  const unsigned server = loses(flow);
  EXPECT_EQ(client_sends(from_client(flow, kTcpRst)), leaves(kP1, at_server(flow, server, kTcpRst)));
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpRst)), leaves(kP0, at_client(flow, kTcpRst)));
  EXPECT_EQ(counted(OwnSegmentKind::reset_client) + counted(OwnSegmentKind::reset_backend), 0U);
}

TEST_F(CutStories, AClientThatHeardItConnectsAnewAtOnce) {
  const Flow flow{kWeb, 40000};
  const unsigned first = loses(flow);
  client_sends(from_client(flow, kTcpAck));
  const unsigned second = opens(flow);
  EXPECT_NE(second, first);
  EXPECT_NE(second, 0U);
}

TEST_F(CutStories, AHandshakeIsNotResetButBegunAnew) {
  const Flow flow{kWeb, 40000};
  const unsigned first = server_of(client_sends(from_client(flow)));
  set_state(first, BackendState::down);
  EXPECT_EQ(server_sends(from_server(flow, first).numbers(10, 1001)), to_server(flow, first, kTcpRst, 1001, 0) + kDropped);
  EXPECT_NE(opens(flow), first) << "by the SYN that its client says again";
}

TEST_F(CutStories, WhereAnswersDoNotPassUsTheClientsSegmentsTellBothEachTime) {
  const Flow flow{kDirectWeb, 40000};
  const unsigned server = loses(flow);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).numbers(5000, 7000)),
              to_client(flow, kTcpRst, 7000, 0) + to_server(flow, server, kTcpRst | kTcpAck, 5000, 7000) + kDropped);
}

TEST_F(CutStories, AFullNatServerIsToldByThePortItKnows) {
  world.pools.push_back({address("10.0.1.240")});
  world.services.push_back(full_nat_service("10.0.0.110:80", {"10.0.1.11:8080", "10.0.1.12:8080", "10.0.1.13:8080"}));
  world.services.back().reset_dead = true;
  publish();
  const auto from = [](std::uint8_t flags) { return frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.110").tcp(40000, 80, flags); };
  const Lines syn = client_sends(from(kTcpSyn));
  const unsigned server = server_of(syn);
  ASSERT_NE(server, 0U);
  const auto port = static_cast<std::uint16_t>(std::stoul(syn[0].substr(syn[0].find("| tcp ") + 6)));
  const std::string at = "10.0.1." + std::to_string(server);
  const auto answer = [&](std::uint8_t flags) {
    return frame().eth(kNode1, server_mac(server)).ip(at, "10.0.1.240").tcp(8080, port, flags);
  };
  server_sends(answer(kTcpSyn | kTcpAck));
  client_sends(from(kTcpAck));
  set_state(server, BackendState::down);
  const Frame client = frame().eth(kClient, kNode0).ip("10.0.0.110", "10.0.0.5").tcp(80, 40000, kTcpRst | kTcpAck).numbers(9000, 4000);
  const Frame backend = frame().eth(server_mac(server), kNode1).ip("10.0.1.240", at).tcp(port, 8080, kTcpRst).numbers(4000, 0);
  EXPECT_EQ(server_sends(answer(kTcpAck).numbers(9000, 4000)), leaves(kP0, client) + leaves(kP1, backend) + kDropped);
  EXPECT_EQ(client_sends(from(kTcpAck).numbers(4000, 9001)).back(), kDropped[0]);
}

TEST_F(CutStories, ASynOfAServerInAConnectionThatGoesOnChangesNothing) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpSyn)), leaves(kP0, at_client(flow, kTcpSyn))) << "its client judges (RFC 5961)";
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
  EXPECT_EQ(entries(ConnState::established), 1U);
}

}  // namespace
}  // namespace tandem::test
