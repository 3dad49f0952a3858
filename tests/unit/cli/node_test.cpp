// SPDX-License-Identifier: Apache-2.0
// Of which node of a pair a command speaks.
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/samples.h"

namespace tandem::cli {
namespace {

Json event(const std::string& second, const std::string& text, const std::string& node) {
  return samples::merged(samples::event(), {{"time", "2026-01-31T14:02:" + second + ".000Z"}, {"text", text}, {"node", node}});
}

class NodeTest : public CliTest {
 protected:
  // lb-b answers whatever it is asked.
  void have_peer() {
    daemon.on("version", Json{{"node", "lb-a"}});
    daemon.on_peer([](const CallPtr& call) {
      if (call->method() == "version") return call->reply({{"node", "lb-b"}});
      if (call->method() == "events.list") return call->reply(Json::array({event("02", "second", "lb-b"), event("04", "fourth", "lb-b")}));
      if (call->method() == "events.follow") return call->event(event("05", "fifth", "lb-b"));
      call->reply(Json::array());
    });
  }
  void have_silent_peer() {
    daemon.on("version", Json{{"node", "lb-a"}});
    daemon.on_peer([](const CallPtr& call) { call->fail({Exit::partly_done, "the peer lb-b is not heard", ""}); });
  }
  void have_events() { daemon.on("events.list", Json::array({event("01", "first", "lb-a"), event("03", "third", "lb-a")})); }
};

TEST_F(NodeTest, EventsOfBothNodesStandByTimeAndSayWhoseTheyAre) {
  have_peer(), have_events();
  const Tool::Ran ran = run({"events", "-o", "jsonl"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  std::string order;
  std::istringstream lines{ran.out};
  for (std::string line; std::getline(lines, line);) order += Json::parse(line)["text"].get<std::string>() + " ";
  EXPECT_EQ(order, "first second third fourth ");
  EXPECT_NE(run({"events"}).out.find("lb-b"), std::string::npos);
  EXPECT_EQ(run({"events", "--limit", "1", "-o", "jsonl"}).out.find("third"), std::string::npos) << "the newest of both";
}

TEST_F(NodeTest, WhatHappensFromNowOnIsOfBothToo) {
  have_peer(), have_events();
  daemon.on("events.follow", [](const CallPtr& call) { call->event(event("06", "sixth", "lb-a")), call->end(Json::object()); });
  const Tool::Ran ran = run({"events", "--follow", "-o", "jsonl"});
  for (const char* text : {"first", "second", "fifth", "sixth"}) EXPECT_NE(ran.out.find(text), std::string::npos) << text;
  EXPECT_EQ(run({"events", "--follow", "--node", "local", "-o", "jsonl"}).out.find("fifth"), std::string::npos);
}

TEST_F(NodeTest, EventsOfOneNodeAreWhatThatNodeSays) {
  have_peer(), have_events();
  EXPECT_EQ(run({"events", "--node", "local"}).out.find("second"), std::string::npos);
  EXPECT_EQ(run({"events", "--node", "peer"}).out.find("third"), std::string::npos);
}

TEST_F(NodeTest, ASilentPeerIsSaidAndOnlyWhoAskedForBothIsRefused) {
  have_silent_peer(), have_events();
  const Tool::Ran usual = run({"events", "-o", "json"}), both = run({"events", "--node", "both"});
  EXPECT_EQ(usual.exit, 0);
  EXPECT_NE(Json::parse(usual.out)["warnings"][0].get<std::string>().find("lb-a alone: the peer lb-b is not heard"), std::string::npos);
  EXPECT_EQ(both.exit, 7);
  EXPECT_EQ(run({"worker", "list", "--node", "peer"}).exit, 7);
}

TEST_F(NodeTest, ANodeAloneHasNoOtherToAsk) {
  have_events();
  EXPECT_EQ(run({"events"}).exit, 0);
  EXPECT_EQ(run({"events"}).err, "");
  EXPECT_EQ(run({"worker", "list", "--node", "peer"}).exit, 4);
}

TEST_F(NodeTest, WhatChangesSomethingIsForBothAndTakesNoNode) {
  have_peer();
  for (const char* which : {"local", "peer", "both"}) EXPECT_EQ(run({"backend", "drain", "web/web-1", "--node", which}).exit, 2) << which;
  EXPECT_TRUE(daemon.asked("backend.drain").empty());
  EXPECT_EQ(run({"worker", "list", "--node", "all"}).exit, 2);
}

TEST_F(NodeTest, WhatIsDoneHereAloneIsShownAndExitsSeven) {
  daemon.fail("backend.drain", {Exit::partly_done, "done on lb-a, not on lb-b", "", samples::backends()});
  const Tool::Ran ran = run({"backend", "drain", "web/web-1"});
  EXPECT_EQ(ran.exit, 7);
  EXPECT_NE(ran.out.find("web/web-1"), std::string::npos);
  EXPECT_NE(ran.err.find("not on lb-b"), std::string::npos);
}

}  // namespace
}  // namespace tandem::cli
