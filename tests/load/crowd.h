// SPDX-License-Identifier: Apache-2.0
// Many streams: opened at a pace, each speaking once an interval, their writes spread over it. On command (a line on the standard
// input) more are opened, and a program is killed in the middle of that, at a moment which this program knows:
//   open 100             100 more, at once
//   every 10             from now on each speaks once in 10 s
//   kill PID 100 4.5     100 more to the first destination, and SIGKILL to PID 4.5 ms after the first, once ten of them are open
// Events go out as lines of JSON when they happen; the report, when the run was told to stop, is the last line.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/load/stream.h"

namespace tandem::load {

struct CrowdWish {
  std::vector<Endpoint> to;  // streams take turns
  std::size_t count = 1000;
  double every_s = 0.05, opened_per_second = 4000;
  double settle_s = 5;  // for what is still under way after the last block
  double run_s = 0;     // 0: until asked to stop
};

class Crowd {
 public:
  explicit Crowd(CrowdWish wish);
  ~Crowd();
  void run();
  nlohmann::json report() const;

 private:
  class Orders;
  void open_one(const Endpoint& to);
  void open_due(Instant now);
  void speak_due(Instant now);
  void obey(const std::string& line);
  bool is_amid(std::size_t burst) const;
  void kill_amid(int process, std::size_t burst, Nanoseconds after);
  void tell_when_all_are_open();
  void close_all();

  CrowdWish wish_;
  Loop loop_;
  Instant began_, last_spoke_;
  std::uint64_t first_number_;
  std::unique_ptr<Orders> orders_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::size_t opened_ = 0, next_ = 0, burst_begins_ = 0;  // opened by the pace alone; whose turn it is to speak
  double owed_ = 0;                                       // blocks
  bool told_ = false;
  std::optional<Instant> killed_;
};

}  // namespace tandem::load
