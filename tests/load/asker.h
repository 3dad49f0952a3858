// SPDX-License-Identifier: Apache-2.0
// Asks answer servers, so many at once: each next ask when one is answered, or at a pace that waits for nobody. Over connections that
// stay, or over a new one for each ask. Counted are asks that were answered whole after the warm-up, and how long each took: with a
// new connection from its SYN on, at a pace from when it was due. Beside it what the whole machine was busy with meanwhile.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/load/endpoint.h"
#include "tests/load/loop.h"

namespace tandem::load {

struct AskWish {
  Endpoint to;
  std::size_t at_once = 64;
  std::uint32_t bytes = 128;
  bool fresh = false;  // a new connection for each
  double pace = 0;     // asks a second; 0: as fast as they are answered
  double warm_s = 0.2, run_s = 1;
};

class Asker {
 public:
  explicit Asker(const AskWish& wish);
  ~Asker();
  void run();
  nlohmann::json report() const;

 private:
  class Line;
  void ask_until(Instant until);
  void ask_due(Instant now);
  void answered(Instant asked);
  bool is_paced() const { return wish_.pace > 0; }

  AskWish wish_;
  Loop loop_;
  Instant begin_, counted_from_, end_;
  double cpu_s_ = 0;
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<Line*> idle_;
  std::uint64_t due_ = 0, late_ = 0, failed_ = 0;  // late: everybody was busy
  std::vector<float> took_us_;
};

}  // namespace tandem::load
