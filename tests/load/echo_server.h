// SPDX-License-Identifier: Apache-2.0
// Echoes streams and datagrams. A stream is greeted with the server's name and its blocks are verified as they come; a datagram
// gets the name written into it. What is reported was counted by the receiver.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/load/endpoint.h"
#include "tests/load/loop.h"
#include "tests/load/numbered.h"

namespace tandem::load {

struct Served {
  std::uint64_t streams = 0, finished = 0, reset = 0, blocks = 0;
  Faults faults;
  std::uint64_t datagrams = 0, datagrams_doubled = 0, datagrams_strange = 0;
};

class EchoServer {
 public:
  explicit EchoServer(const std::string& name);
  ~EchoServer();

  Result<> listen_tcp(const Endpoint& at);
  Result<> listen_udp(const Endpoint& at);
  void run();  // until asked to stop
  nlohmann::json report() const;

 private:
  class Door;
  class Line;
  class Well;
  void greet(int socket);
  void end(Line& line, bool reset);

  Name name_;
  Loop loop_;
  Served served_;
  std::vector<std::unique_ptr<Watched>> doors_;
  std::map<int, std::unique_ptr<Line>> lines_;
  std::vector<std::unique_ptr<Line>> ended_;  // until the loop has told everybody
};

}  // namespace tandem::load
