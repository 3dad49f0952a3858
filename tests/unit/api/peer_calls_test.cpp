// SPDX-License-Identifier: Apache-2.0
// One node's requests to the other: two ends, the words between them, and an API server at the far one.
#include "controlplane/api/peer_calls.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "controlplane/api/server.h"

namespace tandem {
namespace {

using api::Exit;
using api::Json;
using namespace std::chrono_literals;

// A client of this node: keeps the lines that it is answered.
class Client final : public Asker {
 public:
  std::vector<Json> lines;
  std::function<void()> leave = [] {};

  void write(const std::string& line) override { lines.push_back(Json::parse(line)); }
  bool open() const override { return true; }
  void when_read(std::function<void()> task) override { task(); }
  void on_close(std::function<void()> task) override { leave = std::move(task); }
  void answered(const std::string&, const char*, double) override {}
};

struct PeerCallsTest : ::testing::Test {
  Loop loop;
  Server far{loop};
  std::string silence, asked_by;
  bool lost = false;  // words arrive nowhere
  std::unique_ptr<PeerCalls> here = make(there), there = make(here);
  CallPtr followed;

  std::unique_ptr<PeerCalls> make(std::unique_ptr<PeerCalls>& other) {
    const auto say = [this, &other](sync::Word kind, const std::string& text) {
      if (lost) return;
      loop.post([&other, kind, text] {
        if (other) kind == sync::Word::request ? other->hear_request(text) : other->hear_answer(text);
      });
    };
    const auto serve = [this](const std::shared_ptr<Asker>& asker, api::Request request, const std::string& user) {
      asked_by = user;
      far.serve(asker, {0, 0, user}, std::move(request));
    };
    return std::make_unique<PeerCalls>(loop, PeerCalls::Hooks{say, [this] { return silence; }, serve});
  }
  PeerCallsTest() {
    far.handle("version", [](const CallPtr& call) { call->reply({{"node", "lb-b"}}); });
    far.handle("worker.list", [](const CallPtr& call) { call->reply(Json::array({std::string(2'000'000, 'w')})); });
    far.handle("port.list", [](const CallPtr& call) { call->reply(std::string(4'000'000, 'p')); });
    far.handle("backend.drain", [](const CallPtr& call) { call->reply({}); });
    far.handle("conn.list", [](const CallPtr& call) {
      for (int i = 0; i < 1000; ++i) call->event({{"n", i}});
      call->end({{"shown", 1000}});
    });
    far.handle("events.follow", [this](const CallPtr& call) { followed = call; });
  }
  std::shared_ptr<Client> relay(const std::string& method, Json params = {{"node", "peer"}}) {
    auto client = std::make_shared<Client>();
    here->relay(std::make_shared<Call>(client, Peer{1000, 1, "alice"}, api::Request{7, method, std::move(params)}));
    settle();
    return client;
  }
  void settle() {
    for (int i = 0; i < 20; ++i) loop.run_once(0ms);
  }
};

TEST_F(PeerCallsTest, AClientIsAnsweredAsThePeerAnswers) {
  const auto client = relay("version");
  ASSERT_EQ(client->lines.size(), 1U);
  EXPECT_EQ(client->lines[0], (Json{{"id", 7}, {"result", {{"node", "lb-b"}}}}));
  EXPECT_EQ(asked_by, "alice");
}

TEST_F(PeerCallsTest, AStreamComesWholeAndInOrder) {
  const auto client = relay("conn.list");
  ASSERT_EQ(client->lines.size(), 1001U);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client->lines[static_cast<std::size_t>(i)]["event"]["n"], i);
  EXPECT_EQ(client->lines.back()["end"]["shown"], 1000);
}

TEST_F(PeerCallsTest, ALongAnswerComesInPartsAndATooLongOneSaysSo) {
  EXPECT_EQ(relay("worker.list")->lines.at(0)["result"][0].get<std::string>().size(), 2'000'000U);
  EXPECT_NE(relay("port.list")->lines.at(0)["error"]["message"].get<std::string>().find("too long"), std::string::npos);
}

TEST_F(PeerCallsTest, ThePeerMayLookAndNoMore) {
  EXPECT_EQ(relay("backend.drain")->lines.at(0)["error"]["exit"], static_cast<int>(Exit::refused));
}

TEST_F(PeerCallsTest, ASilentPeerIsNotAskedAndTheReasonIsSaid) {
  silence = "the peer lb-b is not heard";
  const auto client = relay("version");
  EXPECT_EQ(client->lines.at(0)["error"]["exit"], 7);
  EXPECT_EQ(client->lines.at(0)["error"]["message"], silence);
  EXPECT_EQ(asked_by, "");
}

TEST_F(PeerCallsTest, WhatADaemonSaysToASilentPeerIsSaidAllTheSame) {
  silence = "the peer lb-b is not heard";
  std::optional<api::Answer<Json>> answer;
  here->ask("version", Json::object(), "tandemd", [&](const api::Answer<Json>& heard) { answer = heard; });
  ASSERT_TRUE(answer && !*answer) << "said at once";
  EXPECT_EQ(answer->error().exit, Exit::partly_done);
  settle();
  EXPECT_EQ(asked_by, "tandemd") << "and it is heard when it can be";
}

TEST_F(PeerCallsTest, APeerThatFallsSilentIsWaitedForNoLonger) {
  lost = true;
  const auto client = relay("version");
  EXPECT_TRUE(client->lines.empty());
  silence = "the peer lb-b is not heard";
  here->look();
  EXPECT_EQ(client->lines.at(0)["error"]["message"], silence);
}

TEST_F(PeerCallsTest, AnAnswerThatNeverComesIsGivenUp) {
  lost = true;
  const auto client = relay("version");
  for (const auto end = std::chrono::steady_clock::now() + PeerCalls::kPatience + 1s;
       client->lines.empty() && std::chrono::steady_clock::now() < end;)
    loop.run_once(50ms);
  EXPECT_EQ(client->lines.at(0)["error"]["exit"], 7);
}

TEST_F(PeerCallsTest, APeerThatStartsAnewAnswersNothingOfBefore) {
  const auto client = relay("events.follow");
  ASSERT_TRUE(followed && followed->connected());
  here->peer_new();
  EXPECT_EQ(client->lines.at(0)["error"]["exit"], 7);
  there->peer_new();
  EXPECT_FALSE(followed->connected()) << "and its own end knows that nobody listens";
}

TEST_F(PeerCallsTest, WhoFollowsAndLeavesIsFollowedByNobody) {
  const auto client = relay("events.follow");
  followed->event({{"text", "one"}});
  settle();
  EXPECT_EQ(client->lines.at(0)["event"]["text"], "one");
  client->leave();
  settle();
  EXPECT_FALSE(followed->connected());
}

TEST_F(PeerCallsTest, BesideOnesOwnEventsTheEndOfThePeersIsAnEventAndNoError) {
  const auto client = relay("events.follow", {{"node", "both"}});
  silence = "the peer lb-b is not heard";
  here->look();
  EXPECT_EQ(client->lines.at(0)["event"]["kind"], "peer");
}

TEST_F(PeerCallsTest, WordsThatAreNoneChangeNothing) {
  for (const char* text : {"", "{", "[]", "{\"id\":-1}", "{\"id\":1}", "{\"id\":1,\"method\":7}"}) there->hear_request(text);
  for (const char* text : {"", "7", "7 ", "x {}", "1 {"}) here->hear_answer(text);
  settle();
  EXPECT_EQ(relay("version")->lines.size(), 1U);
}

}  // namespace
}  // namespace tandem
