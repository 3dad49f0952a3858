// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/http_check.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tiny_server.h"

namespace tandem::health {
namespace {

using namespace std::chrono_literals;

struct HttpCheck : testing::Test {
  Loop loop;
  HttpChecks checks{loop};

  Outcome of(TinyServer::Manner manner, std::uint64_t timeout_ms = 3000) {
    TinyServer server{loop, std::move(manner)};
    api::CheckJob job = job_for("http", server.port());
    job.timeout_ms = timeout_ms;
    return ask(loop, checks, job);
  }
};

TEST_F(HttpCheck, AnExpectedStatusIsGood) {
  const Outcome outcome = of({.answer = http_answer(200)});
  EXPECT_EQ(outcome.found, Found::ok) << outcome.text;
  EXPECT_EQ(outcome.text, "status 200");
  EXPECT_GT(outcome.duration, 0ns);
}

TEST_F(HttpCheck, AnotherStatusSaysWhatWasExpected) {
  const Outcome outcome = of({.answer = http_answer(503)});
  EXPECT_EQ(outcome.found, Found::status);
  EXPECT_EQ(outcome.text, "status 503, expected 200-399");
}

TEST_F(HttpCheck, TheRequestIsOneOfHttp11ForTheHostAndPathAsWritten) {
  TinyServer server{loop, {.answer = http_answer(200)}};
  api::CheckJob job = job_for("http", server.port());
  job.host = "shop.example", job.path = "/a/../health?x=1";
  ask(loop, checks, job);
  EXPECT_TRUE(server.request.starts_with("GET /a/../health?x=1 HTTP/1.1\r\n")) << server.request;
  EXPECT_NE(server.request.find("\r\nHost: shop.example\r\n"), std::string::npos) << server.request;
  EXPECT_NE(server.request.find("\r\nConnection: close\r\n"), std::string::npos) << server.request;
}

TEST_F(HttpCheck, WithoutAHostItIsTheAddress) {
  TinyServer server{loop, {.answer = http_answer(200), .ipv6 = true}};
  api::CheckJob job = job_for("http", server.port());
  job.address = "::1";
  EXPECT_EQ(ask(loop, checks, job).found, Found::ok);
  EXPECT_NE(server.request.find("\r\nHost: [::1]:" + std::to_string(server.port())), std::string::npos) << server.request;
}

TEST_F(HttpCheck, ARedirectIsAStatusAndIsNotFollowed) {
  TinyServer server{loop, {.answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"}};
  EXPECT_EQ(ask(loop, checks, job_for("http", server.port())).text, "status 302");
  EXPECT_EQ(server.accepted, 1);
}

TEST_F(HttpCheck, EachCheckHasAConnectionOfItsOwn) {
  TinyServer server{loop, {.answer = http_answer(200), .closes = false}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(loop, checks, job_for("http", server.port())).found, Found::ok);
  EXPECT_TRUE(turn_until(loop, [&] { return server.ended_well == 3; }))
      << "and ends it: " << server.ended_well << " of " << server.accepted;
  EXPECT_EQ(server.accepted, 3);
  EXPECT_EQ(server.reset, 0);
}

TEST_F(HttpCheck, NoProxyOfTheEnvironmentIsAsked) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(of({.answer = http_answer(200)}).found, Found::ok);
  ::unsetenv("http_proxy");
}

TEST_F(HttpCheck, NobodyListensIsRefused) {
  std::uint16_t port = 0;
  { port = TinyServer{loop, {}}.port(); }
  const Outcome outcome = ask(loop, checks, job_for("http", port));
  EXPECT_EQ(outcome.found, Found::refused);
  EXPECT_EQ(outcome.text, "refused");
}

TEST_F(HttpCheck, AServerThatDoesNotEvenConnectTimesOut) {
  TinyServer server{loop, {.accepts = false}};
  server.fill_queue();
  api::CheckJob job = job_for("http", server.port());
  job.timeout_ms = 150;
  const Outcome outcome = ask(loop, checks, job);
  EXPECT_EQ(outcome.found, Found::timeout);
  EXPECT_EQ(outcome.text, "no answer in 150 ms");
}

TEST_F(HttpCheck, AServerThatHangsTimesOut) {
  const Outcome outcome = of({.answer = ""}, 150);
  EXPECT_EQ(outcome.found, Found::timeout);
  EXPECT_EQ(outcome.text, "connected, but no answer in 150 ms");
}

TEST_F(HttpCheck, AnAnswerThatDoesNotEndTimesOut) {
  const Outcome outcome = of({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", .closes = false}, 150);
  EXPECT_EQ(outcome.found, Found::timeout);
  EXPECT_EQ(outcome.text, "the answer did not end in 150 ms");
}

TEST_F(HttpCheck, ClosingEarlyIsAnErrorThatSaysWhen) {
  EXPECT_EQ(of({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"}).text, "closed before the end of the answer");
  const Outcome outcome = of({.closes_at_once = true});
  EXPECT_EQ(outcome.found, Found::error);
  EXPECT_TRUE(outcome.text == "closed without an answer" || outcome.text == "Connection reset by peer") << outcome.text;
}

TEST_F(HttpCheck, GarbageIsNotHttp) {
  const Outcome outcome = of({.answer = "SSH-2.0-OpenSSH_9.2\r\n\r\n"});
  EXPECT_EQ(outcome.found, Found::error);
  EXPECT_EQ(outcome.text, "the answer is not HTTP/1");
}

TEST_F(HttpCheck, EndlessHeadersAreCutOff) {
  const std::string header = "X-Header: " + std::string(1000, 'x') + "\r\n";
  const Outcome outcome = of({.answer = "HTTP/1.1 200 OK\r\n", .endlessly = header});
  EXPECT_EQ(outcome.found, Found::error);
  EXPECT_EQ(outcome.text, "headers longer than 64 KiB");
}

TEST_F(HttpCheck, AnEndlessBodyIsCutOffAndTheStatusCounts) {
  const Outcome outcome = of({.answer = "HTTP/1.1 200 OK\r\n\r\n", .endlessly = std::string(4000, 'x')});
  EXPECT_EQ(outcome.found, Found::ok) << outcome.text;
}

TEST_F(HttpCheck, WhatWouldSmuggleAHeaderIsNotSent) {
  TinyServer server{loop, {.answer = http_answer(200)}};
  api::CheckJob job = job_for("http", server.port());
  job.path = "/ HTTP/1.1\r\nX: y";
  const Outcome outcome = ask(loop, checks, job);
  EXPECT_EQ(outcome.found, Found::error);
  EXPECT_EQ(outcome.text, "path '/ HTTP/1.1??X: y' holds a space or a control character");
  EXPECT_EQ(server.accepted, 0);
}

TEST_F(HttpCheck, TheDialogueHasBothSidesAndTimes) {
  TinyServer server{loop, {.answer = http_answer(503)}};
  const Outcome outcome = ask(loop, checks, job_for("http", server.port()), true);
  const auto said = [&](const std::string& lead) {
    return std::any_of(outcome.dialogue.begin(), outcome.dialogue.end(), [&](const std::string& line) { return line.starts_with(lead); });
  };
  EXPECT_TRUE(said("* connecting to 127.0.0.1 port "));
  EXPECT_TRUE(said("> GET / HTTP/1.1"));
  EXPECT_TRUE(said("< HTTP/1.1 503 Text"));
  EXPECT_TRUE(said("< Server: tiny"));
  EXPECT_TRUE(said("* connected after "));
  EXPECT_EQ(outcome.dialogue.back(), "* status 503, expected 200-399");
}

TEST_F(HttpCheck, TheDialogueIsBounded) {
  std::string headers;
  for (int i = 0; i < 500; ++i) headers += "X: y\r\n";
  TinyServer server{loop, {.answer = "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: 0\r\n\r\n"}};
  EXPECT_LT(ask(loop, checks, job_for("http", server.port()), true).dialogue.size(), 105u);
}

TEST_F(HttpCheck, AnAttemptThatIsLetGoOfNeverAnswers) {
  TinyServer server{loop, {.answer = ""}};
  bool answered = false;
  AttemptPtr attempt = checks.start(job_for("http", server.port()), false, [&](const Outcome&) { answered = true; });
  ASSERT_TRUE(turn_until(loop, [&] { return !server.request.empty(); }));
  attempt.reset();
  EXPECT_TRUE(turn_until(loop, [&] { return server.ended_well + server.reset == 1; })) << "expected the connection to be gone";
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace tandem::health
