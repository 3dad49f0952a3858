// SPDX-License-Identifier: Apache-2.0
// Answers asks (ask.h) with as many bytes as they want, and sends datagrams back: the cheapest server there can be, so that what is
// between it and its clients shows. Whoever ends a connection here is this end, which keeps the clients' ports free.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "tests/load/endpoint.h"
#include "tests/load/loop.h"

namespace tandem::load {

class Answers {
 public:
  Answers();
  ~Answers();

  Result<> listen_tcp(const Endpoint& at);
  Result<> listen_udp(const Endpoint& at);
  void run();  // until asked to stop

 private:
  class Door;
  class Line;
  class Mirror;
  void greet(int socket);
  void end(Line& line);

  Loop loop_;
  std::vector<std::unique_ptr<Watched>> doors_;
  std::map<int, std::unique_ptr<Line>> lines_;
  std::vector<std::unique_ptr<Line>> ended_;  // until the loop has told everybody
};

}  // namespace tandem::load
