// SPDX-License-Identifier: Apache-2.0
// A service that keeps no connections: each datagram is a question of its own.
#include <map>

#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class OnePacketStories : public Scenario {
 protected:
  OnePacketStories() {
    for (const Service service : {kDns, kDns6, kDirectDns}) {
      world.services[service].one_packet = true;
      world.services[service].scheduler = SchedulerKind::round_robin;
    }
    publish();
  }
};

TEST_F(OnePacketStories, OneClientsQuestionsGoToAllServersByTurns) {
  for (const Service service : {kDns, kDns6, kDirectDns}) {
    const Flow flow{service, 40000};
    std::map<unsigned, unsigned> asked;
    for (int i = 0; i < 30; ++i) {
      const Lines lines = client_sends(from_client(flow));
      ++asked[server_of(lines)];
      EXPECT_EQ(lines, leaves(kP1, at_server(flow, server_of(lines))));
    }
    EXPECT_EQ(asked, (std::map<unsigned, unsigned>{{11, 10}, {12, 10}, {13, 10}})) << name_of(service);
  }
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(counted(OrphanDecision::one_packet), 90U);
  EXPECT_EQ(counted(kDns, &BackendCounters::new_connections), 0U);
}

TEST_F(OnePacketStories, WithoutItTheyAllGoToOne) {
  world.services[kDns].one_packet = false;
  publish();
  const unsigned first = server_of(client_sends(from_client({kDns, 40000})));
  for (int i = 0; i < 30; ++i) EXPECT_EQ(server_of(client_sends(from_client({kDns, 40000}))), first);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(OnePacketStories, AnAnswerIsKnownByItsServer) {
  for (const Service service : {kDns, kDns6}) {
    const Flow flow{service, 40000};
    const unsigned server = server_of(client_sends(from_client(flow)));
    EXPECT_EQ(server_sends(from_server(flow, server).payload(40)), leaves(kP0, at_client(flow).payload(40))) << name_of(service);
  }
  EXPECT_EQ(counted(OrphanDecision::stateless_reply), 2U);
}

TEST_F(OnePacketStories, WithoutAServerAQuestionIsDroppedByName) {
  for (const unsigned each : kServers) set_state(each, BackendState::down);
  EXPECT_EQ(client_sends(from_client({kDns, 40000})), Lines{"drop no_backend"});
}

TEST_F(OnePacketStories, ALostServerIsAskedNoMore) {
  set_state(12, BackendState::down);
  for (int i = 0; i < 30; ++i) EXPECT_NE(server_of(client_sends(from_client({kDns, 40000}))), 12U);
}

TEST_F(OnePacketStories, AFlowThatBeganBeforeGoesOnUntilItIsIdle) {
  world.services[kDns].one_packet = false;
  publish();
  const Flow flow{kDns, 40000};
  const unsigned server = opens(flow);
  world.services[kDns].one_packet = true;
  publish();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(server_of(client_sends(from_client(flow))), server);
  pass_time(302);
  EXPECT_EQ(entries(), 0U);
  client_sends(from_client(flow));
  EXPECT_EQ(entries(), 0U);
}

}  // namespace
}  // namespace tandem::test
