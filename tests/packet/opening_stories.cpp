// SPDX-License-Identifier: Apache-2.0
// How servers take new connections, as they are counted for passive health: answered, refused, not answered.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class OpeningStories : public Scenario {
 protected:
  unsigned knocks(const Flow& flow) { return server_of(client_sends(from_client(flow, kTcpSyn))); }
  std::string opened(Service service) const {
    return std::to_string(counted(service, &BackendCounters::answered)) + " answered, " +
           std::to_string(counted(service, &BackendCounters::refused)) + " refused, " +
           std::to_string(counted(service, &BackendCounters::unanswered_syns)) + " not answered";
  }
};

TEST_F(OpeningStories, AnAnswerARefusalAndSilence) {
  for (const Service service : {kWeb, kWeb6}) {
    const unsigned answers = knocks({service, 1});
    server_sends(from_server({service, 1}, answers, kTcpSyn | kTcpAck));
    EXPECT_EQ(opened(service), "1 answered, 0 refused, 0 not answered");
    const unsigned refuses = knocks({service, 2});
    server_sends(from_server({service, 2}, refuses, kTcpRst | kTcpAck));
    EXPECT_EQ(counted(service, refuses, &BackendCounters::refused), 1U) << "by this one";
    knocks({service, 3});
    pass_time(7);
    EXPECT_EQ(opened(service), "1 answered, 1 refused, 1 not answered");
  }
}

// The negative control: what passes is not an opening, and resets of any other time are not refusals.
TEST_F(OpeningStories, WhatFollowsTheAnswerIsNoOpening) {
  const Flow flow{kWeb, 1};
  const unsigned server = opens(flow);
  server_sends(from_server(flow, server, kTcpSyn | kTcpAck));
  server_sends(from_server(flow, server, kTcpPsh | kTcpAck));
  server_sends(from_server(flow, server, kTcpRst));
  EXPECT_EQ(counted(kWeb, &BackendCounters::closed_reset), 1U);
  const unsigned accepts = knocks({kWeb, 2});
  server_sends(from_server({kWeb, 2}, accepts, kTcpSyn | kTcpAck));
  server_sends(from_server({kWeb, 2}, accepts, kTcpRst));
  knocks({kWeb, 3});
  client_sends(from_client({kWeb, 3}, kTcpRst));
  EXPECT_EQ(opened(kWeb), "2 answered, 0 refused, 0 not answered") << "a client that gives up says nothing of its server";
}

// A flood of SYNs with made-up senders is answered, and never heard of again. That is no fault of the server.
TEST_F(OpeningStories, AServerThatAnswersClientsWhoNeverCameIsNotSilent) {
  for (std::uint16_t port = 1; port <= 20; ++port) server_sends(from_server({kWeb, port}, knocks({kWeb, port}), kTcpSyn | kTcpAck));
  pass_time(7);
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(opened(kWeb), "20 answered, 0 refused, 0 not answered");
}

TEST_F(OpeningStories, ASynThatIsSentAgainIsOneOpening) {
  const unsigned server = knocks({kWeb, 1});
  EXPECT_EQ(knocks({kWeb, 1}), server);
  server_sends(from_server({kWeb, 1}, server, kTcpSyn | kTcpAck));
  server_sends(from_server({kWeb, 1}, server, kTcpSyn | kTcpAck));
  EXPECT_EQ(opened(kWeb), "1 answered, 0 refused, 0 not answered");
}

TEST_F(OpeningStories, AGuessThatIsResetIsNoRefusal) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  restart();
  const unsigned guess = server_of(client_sends(from_client(flow, kTcpAck)));
  server_sends(from_server(flow, guess, kTcpRst));
  pass_time(7);
  EXPECT_EQ(opened(kWeb), "0 answered, 0 refused, 0 not answered") << "of server " << server;
}

// By these methods the server's half goes past us: all that shows is a client that never went on.
TEST_F(OpeningStories, WhereAnswersGoPastUsOnlyTheClientTells) {
  for (const Service service : {kDirectWeb, kDirectWeb6}) {
    opens({service, 1});
    knocks({service, 2});
    pass_time(7);
    EXPECT_EQ(opened(service), "0 answered, 0 refused, 1 not answered");
  }
}

}  // namespace
}  // namespace tandem::test
