// SPDX-License-Identifier: Apache-2.0
// Checks that a server accepts TCP connections. Threads: the loop's.
// An accepted connection is ended as a client would: FIN, then what the server still sends is read away until it ends too. A
// plain close() would answer a greeting (SSH, SMTP) with RST, which servers log as an error and some count against the address.
#pragma once

#include <cstdint>
#include <map>

#include "controlplane/health/check.h"
#include "controlplane/loop/loop.h"

namespace tandem::health {

// Accepted connections on their way to a clean end.
class Farewells {
 public:
  static constexpr Nanoseconds kLongest = std::chrono::milliseconds{200};
  static constexpr std::size_t kMost = 1024;  // beyond that they are closed at once: descriptors are finite

  explicit Farewells(Loop& loop) : loop_{loop} {}
  ~Farewells();
  void add(int fd);  // takes it over
  std::size_t count() const { return ending_.size(); }

 private:
  struct Ending {
    Loop::Handle watch, timer;
  };
  void drain(int fd);
  void end(int fd);

  Loop& loop_;
  std::map<int, Ending> ending_;
};

class TcpChecks {
 public:
  explicit TcpChecks(Loop& loop) : loop_{loop}, farewells_{loop} {}

  AttemptPtr start(const api::CheckJob& job, bool verbose, Done done);
  const Farewells& farewells() const { return farewells_; }

 private:
  Loop& loop_;
  Farewells farewells_;
};

}  // namespace tandem::health
