// SPDX-License-Identifier: Apache-2.0
// What an operator reads of a packet that never came.
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

class Explain : public CliTest {
 protected:
  Tool::Ran explained(const Json& changes = Json::object()) {
    daemon.on("explain", samples::merged(samples::explanation(), changes));
    return run({"explain", "tcp", "198.51.100.7:51514", "203.0.113.10:80"});
  }
  static bool has(const Tool::Ran& ran, const std::string& text) { return ran.out.find(text) != std::string::npos; }
};

TEST_F(Explain, ANewConnectionFromItsArrivalToItsNextHop) {
  const Tool::Ran ran = explained();
  EXPECT_EQ(ran.exit, 0) << ran.err;
  for (const char* text :
       {"tcp 198.51.100.7:51514 -> 203.0.113.10:80, a SYN", "web, consistent-round-robin, nat", "group blue: lb-a is active",
        "port outside -> worker 2 (core 5)", "no entry -> half-open", "web-1 (draining), then web-2 (+1.0 turns)",
        "web-2: second candidate: web/web-1 is draining", "source 198.51.100.7:51514, destination 10.20.0.12:80",
        "10.20.0.12 on inside, 52:54:00:aa:00:12", "sent by port inside"})
    EXPECT_TRUE(has(ran, text)) << text << "\n" << ran.out;
  EXPECT_FALSE(has(ran, "peer")) << "a node alone";
}

TEST_F(Explain, AConnectionThatIsKnown) {
  const Tool::Ran ran = explained({{"entry", "established"},
                                   {"entry_backend", "web/web-2"},
                                   {"entry_origin", "synced"},
                                   {"entry_age_seconds", 75},
                                   {"entry_idle_seconds", 3},
                                   {"becomes", "established"},
                                   {"decides", false},
                                   {"rule", "its entry"},
                                   {"packet", "ACK"}});
  EXPECT_TRUE(has(ran, "established, web-2, age 1m15s, idle 3s, learnt from the other node\n")) << ran.out;
  EXPECT_FALSE(has(ran, "candidates")) << "no schedule is asked";
}

TEST_F(Explain, WhatIsDroppedSaysWhy) {
  const Tool::Ran ran = explained({{"fate", "dropped"}, {"reason", "no_backend"}, {"reason_text", "nobody takes it"}, {"becomes", ""}});
  EXPECT_TRUE(has(ran, "dropped, no_backend: nobody takes it")) << ran.out;
  EXPECT_TRUE(has(ran, "no entry, and none is made")) << ran.out;
  EXPECT_FALSE(has(ran, "next hop"));
}

TEST_F(Explain, TheOtherNodeIsAskedToo) {
  daemon.on_peer([](const CallPtr& call) {
    call->reply(samples::merged(samples::explanation(), {{"node", "lb-b"}, {"generation", 117}}));
  });
  EXPECT_TRUE(has(explained(), "lb-b chooses web-2 too (generation 118 here, 117 there)"));
}

TEST_F(Explain, ASilentPeerIsSaidAndTheAnswerStands) {
  daemon.on_peer([](const CallPtr& call) { call->fail({Exit::partly_done, "the peer lb-b is not heard", ""}); });
  const Tool::Ran ran = explained();
  EXPECT_EQ(ran.exit, 0);
  EXPECT_TRUE(has(ran, "the peer lb-b is not heard")) << ran.out;
}

TEST_F(Explain, AClientsPortMayBeLeftOut) {
  daemon.on("explain", samples::explanation());
  run({"explain", "udp", "198.51.100.7", "203.0.113.10:53"});
  EXPECT_EQ(daemon.asked("explain").back()["source"], "198.51.100.7:50000");
  run({"explain", "tcp", "2001:db8::7", "[2001:db8::10]:80", "--ingress", "outside", "--as-existing"});
  EXPECT_EQ(daemon.asked("explain").back()["source"], "[2001:db8::7]:50000");
  EXPECT_EQ(daemon.asked("explain").back()["port"], "outside");
  EXPECT_EQ(daemon.asked("explain").back()["mid_flow"], true);
}

}  // namespace
}  // namespace tandem::cli
