// SPDX-License-Identifier: Apache-2.0
// Checks that ask for a VIP, as their sockets see it. There is nobody here who makes the VIP of port 0.
#include <netinet/in.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "controlplane/health/http_check.h"
#include "controlplane/health/http_request.h"
#include "controlplane/health/probe_socket.h"
#include "controlplane/health/tcp_check.h"
#include "tiny_server.h"

namespace tandem::health {
namespace {

struct ViaVip : testing::Test {
  Loop loop;
  TcpChecks tcp{loop};
  HttpChecks http{loop};

  static api::CheckJob job(const std::string& type, std::uint16_t port) {
    api::CheckJob made = job_for(type, port);
    made.vip = "203.0.113.10", made.mark = 3;
    return made;
  }
};

struct Socket {
  explicit Socket(const api::CheckJob& job, int family = AF_INET) : fd{open_socket(family, job)} {}
  ~Socket() { ::close(fd); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int option(int level, int name) const {
    int value = 0;
    socklen_t size = sizeof value;
    ::getsockopt(fd, level, name, &value, &size);
    return value;
  }
  std::uint16_t local_port() const {
    sockaddr_in6 at{};
    socklen_t size = sizeof at;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin6_port);  // where IPv4 has it too
  }
  int fd;
};

// Were it let through as it is, a server without the VIP would pass. That is what makes the check worth asking.
TEST_F(ViaVip, WithoutTheKernelsPartEvenALivingServerFails) {
  TinyServer server{loop, {.answer = http_answer(200)}};
  EXPECT_EQ(ask(loop, tcp, job_for("tcp", server.port())).found, Found::ok);
  EXPECT_EQ(ask(loop, http, job_for("http", server.port())).found, Found::ok);
  const int accepted = server.accepted;
  EXPECT_EQ(ask(loop, tcp, job("tcp", server.port())).found, Found::refused);
  EXPECT_EQ(ask(loop, http, job("http", server.port())).found, Found::refused);
  EXPECT_EQ(server.accepted, accepted);
}

TEST_F(ViaVip, TheSocketBearsTheMarkAndALocalPortOfItsOwn) {
  const Socket marked{job("tcp", 80)}, another{job("tcp", 80)}, plain{job_for("tcp", 80)};
  EXPECT_EQ(marked.option(IPPROTO_IP, IP_TOS), 3 << 2);
  EXPECT_NE(marked.local_port(), 0) << "taken before it is connected, so that nobody else has it";
  EXPECT_NE(marked.local_port(), another.local_port());
  EXPECT_EQ(plain.option(IPPROTO_IP, IP_TOS), 0);
  EXPECT_EQ(plain.local_port(), 0);
  const Socket six{job("tcp", 80), AF_INET6};
  EXPECT_EQ(six.option(IPPROTO_IPV6, IPV6_TCLASS), 3 << 2);
  EXPECT_NE(six.local_port(), 0);
}

TEST_F(ViaVip, TheRequestIsForTheVip) {
  const auto url = [](const api::CheckJob& of) {
    const Result<HttpRequest> request = make_request(of);
    char* text = nullptr;
    curl_easy_getinfo(request->easy.get(), CURLINFO_EFFECTIVE_URL, &text);
    return std::string{text == nullptr ? "" : text};
  };
  EXPECT_EQ(url(job("http", 8080)), "http://203.0.113.10:8080/");
  EXPECT_EQ(url(job_for("http", 8080)), "http://127.0.0.1:8080/");
}

TEST_F(ViaVip, WhatIsToldNamesTheVip) {
  const api::CheckJob asked = job("tcp", 80);
  EXPECT_EQ(address_and_port(asked), "203.0.113.10 port 80 at 127.0.0.1");
  EXPECT_EQ(address_and_port(job_for("tcp", 80)), "127.0.0.1 port 80");
  Standing standing{1, 1};
  const Outcome timeout{.found = Found::timeout, .text = no_answer_in(500)};
  EXPECT_EQ(to_report(asked, timeout, standing.take(false)).text, "no answer in 500 ms, asked for 203.0.113.10");
  EXPECT_EQ(to_report(asked, {.found = Found::ok, .text = "connected"}, standing.take(true)).text, "connected, asked for 203.0.113.10");
}

TEST_F(ViaVip, AnotherVipIsAnotherQuestionAndAnotherMarkIsNot) {
  api::CheckJob other = job("tcp", 80);
  other.mark = 7;
  EXPECT_TRUE(same_question(job("tcp", 80), other));
  other.vip = "203.0.113.11";
  EXPECT_FALSE(same_question(job("tcp", 80), other));
}

}  // namespace
}  // namespace tandem::health
