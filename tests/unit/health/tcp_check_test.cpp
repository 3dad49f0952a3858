// SPDX-License-Identifier: Apache-2.0
#include "controlplane/health/tcp_check.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tiny_server.h"

namespace tandem::health {
namespace {

using namespace std::chrono_literals;

struct TcpCheck : testing::Test {
  Loop loop;
  TcpChecks checks{loop};
};

TEST_F(TcpCheck, AServerThatAcceptsIsGood) {
  TinyServer server{loop, {}};
  const Outcome outcome = ask(loop, checks, job_for("tcp", server.port()));
  EXPECT_EQ(outcome.found, Found::ok) << outcome.text;
  EXPECT_EQ(outcome.text, "connected");
  EXPECT_GT(outcome.duration, 0ns);
}

TEST_F(TcpCheck, OverIpv6Too) {
  TinyServer server{loop, {.ipv6 = true}};
  api::CheckJob job = job_for("tcp", server.port());
  job.address = "::1";
  EXPECT_EQ(ask(loop, checks, job).found, Found::ok);
}

TEST_F(TcpCheck, NobodyListensIsRefused) {
  std::uint16_t port = 0;
  { port = TinyServer{loop, {}}.port(); }
  const Outcome outcome = ask(loop, checks, job_for("tcp", port));
  EXPECT_EQ(outcome.found, Found::refused);
  EXPECT_EQ(outcome.text, "refused");
}

TEST_F(TcpCheck, AServerWithoutAnswerTimesOut) {
  TinyServer server{loop, {.accepts = false}};
  server.fill_queue();
  api::CheckJob job = job_for("tcp", server.port());
  job.timeout_ms = 150;
  const Outcome outcome = ask(loop, checks, job);
  EXPECT_EQ(outcome.found, Found::timeout);
  EXPECT_EQ(outcome.text, "no answer in 150 ms");
  EXPECT_GE(outcome.duration, 150ms);
}

TEST_F(TcpCheck, WhatIsNoAddressIsAnError) {
  api::CheckJob job = job_for("tcp", 1);
  job.address = "web.example";
  EXPECT_EQ(ask(loop, checks, job).text, "web.example: no address");
}

TEST_F(TcpCheck, AServerThatGreetsSeesACleanEndAndNoReset) {
  TinyServer server{loop, {.greeting = "220 mail.test ESMTP\r\n"}};
  ask(loop, checks, job_for("tcp", server.port()));
  EXPECT_TRUE(turn_until(loop, [&] { return server.ended_well + server.reset > 0; }));
  EXPECT_EQ(server.ended_well, 1);
  EXPECT_EQ(server.reset, 0);
  EXPECT_TRUE(turn_until(loop, [&] { return checks.farewells().count() == 0; })) << "expected nothing to be left open";
}

// The negative control: what the check would do to that server with a plain close().
TEST_F(TcpCheck, AClientThatClosesUnreadResetsTheServer) {
  TinyServer server{loop, {.greeting = "220 mail.test ESMTP\r\n"}};
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in there{};
  there.sin_family = AF_INET, there.sin_addr.s_addr = htonl(INADDR_LOOPBACK), there.sin_port = htons(server.port());
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there), 0);
  ASSERT_TRUE(turn_until(loop, [&] { return server.accepted == 1; }));
  char first = 0;
  ASSERT_EQ(::recv(fd, &first, 1, MSG_PEEK), 1) << "the greeting has come";
  ::close(fd);
  EXPECT_TRUE(turn_until(loop, [&] { return server.reset == 1; }));
}

TEST_F(TcpCheck, AServerThatNeverEndsIsLeftAfterAWhile) {
  TinyServer server{loop, {.accepts = false}};
  EXPECT_EQ(ask(loop, checks, job_for("tcp", server.port())).found, Found::ok) << "the kernel accepts";
  EXPECT_EQ(checks.farewells().count(), 1u);
  EXPECT_TRUE(turn_until(
      loop, [&] { return checks.farewells().count() == 0; }, 3s));
}

TEST_F(TcpCheck, AnAttemptThatIsLetGoOfNeverAnswers) {
  TinyServer server{loop, {}};
  bool answered = false;
  checks.start(job_for("tcp", server.port()), false, [&](const Outcome&) { answered = true; }).reset();
  turn_until(
      loop, [] { return false; }, 50ms);
  EXPECT_FALSE(answered);
}

TEST_F(TcpCheck, TheDialogueSaysWhatWasTried) {
  TinyServer server{loop, {}};
  const Outcome outcome = ask(loop, checks, job_for("tcp", server.port()), true);
  ASSERT_EQ(outcome.dialogue.size(), 2u);
  EXPECT_EQ(outcome.dialogue[0], "* connecting to 127.0.0.1 port " + std::to_string(server.port()));
  EXPECT_TRUE(outcome.dialogue[1].starts_with("* connected after ")) << outcome.dialogue[1];
}

}  // namespace
}  // namespace tandem::health
