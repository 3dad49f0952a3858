// SPDX-License-Identifier: Apache-2.0
// Waits until drained backends hold no connection, and says how it goes: one moving line on a terminal, else a line a change.
// Whatever ends the wait, the drain stays; every ending says so.
#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "cli/commands/session.h"
#include "common/api/types.h"

namespace tandem::cli {

class DrainWait {
 public:
  static constexpr std::chrono::milliseconds kPoll{1000};

  DrainWait(Session& session, std::string method, const std::vector<api::Backend>& backends);
  Outcome run(std::chrono::milliseconds limit);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Waiting {
    std::string name;
    Json last;
    api::Count connections = 0;
    bool drained = false;
  };
  struct Sample {
    Time time;
    api::Count connections;
  };

  Answer<void> look();  // asks for every backend once
  Answer<void> look_at(Waiting& backend);
  void announce(Waiting& backend);  // it is drained
  void note_progress();
  std::string progress() const;
  std::string time_left() const;
  void clear_line();
  Answer<void> not_drained(Exit exit, const std::string& why);  // the failure that ends the wait
  std::string undo() const;
  api::Count left() const;
  double seconds_since_start() const;

  Session& session_;
  std::string method_;
  std::vector<Waiting> backends_;
  std::deque<Sample> samples_;
  Time start_;
  bool line_drawn_ = false;
};

}  // namespace tandem::cli
