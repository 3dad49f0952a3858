// SPDX-License-Identifier: Apache-2.0
// A server on loopback for tests, on the test's own loop, that behaves as badly as it is told to; and checks run against it.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "controlplane/health/check.h"
#include "controlplane/loop/loop.h"

namespace tandem::health {

// Turns the loop until `done` holds or it took too long; answers `done`.
bool turn_until(Loop& loop, const std::function<bool()>& done, Nanoseconds longest = std::chrono::seconds{10});

class TinyServer {
 public:
  struct Manner {
    std::string greeting;         // said at once
    std::string answer;           // said to a request
    bool accepts = true;          // false: connections wait in the kernel for ever
    bool closes_at_once = false;  // accepted and closed
    bool closes = true;           // after the answer
    std::string endlessly;        // said again and again after the answer
    bool ipv6 = false;
  };

  TinyServer(Loop& loop, Manner manner);
  ~TinyServer();
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;

  std::uint16_t port() const { return port_; }
  void fill_queue();  // with accepts = false: until further connections get no answer

  int accepted = 0, ended_well = 0, reset = 0;
  std::string request;  // the last one

 private:
  struct Caller {
    Loop::Handle watch;
    std::string heard;
    bool answered = false;
  };
  void accept();
  void ready(int fd, std::uint32_t events);
  void say(int fd, const std::string& text);
  void drop(int fd);

  Loop& loop_;
  Manner manner_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  Loop::Handle watch_;
  std::map<int, Caller> callers_;
  std::vector<int> fillers_;
};

std::string http_answer(int status, const std::string& body = "ok");

// A job for a server on loopback with short times.
api::CheckJob job_for(const std::string& type, std::uint16_t port);

// Runs one check to its end.
template <typename Checks>
Outcome ask(Loop& loop, Checks& checks, const api::CheckJob& job, bool verbose = false) {
  Outcome outcome{.found = Found::error, .text = "the check never ended", .duration = {}, .dialogue = {}};
  bool done = false;
  const AttemptPtr attempt = checks.start(job, verbose, [&](Outcome found) { outcome = std::move(found), done = true; });
  turn_until(loop, [&] { return done; });
  return outcome;
}

}  // namespace tandem::health
