// SPDX-License-Identifier: Apache-2.0
// Datagrams that an answer server sends back: each flow keeps so many under way and sends the next when one has come. Counted are those
// that came back after the warm-up.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/load/endpoint.h"
#include "tests/load/loop.h"

namespace tandem::load {

struct MirrorWish {
  Endpoint to;
  std::size_t flows = 32, at_once = 8, bytes = 64;
  double warm_s = 0.2, run_s = 1;
};

class Mirrored {
 public:
  static Result<std::unique_ptr<Mirrored>> open(const MirrorWish& wish);
  ~Mirrored();
  void run();
  nlohmann::json report() const;

 private:
  class Flow;
  void send_again_where_lost(Instant now);

  MirrorWish wish_;
  Loop loop_;
  bool counting_ = false;
  std::uint64_t came_ = 0, lost_ = 0;
  double length_s_ = 0;
  Instant looked_{};
  std::vector<std::unique_ptr<Flow>> flows_;
};

}  // namespace tandem::load
