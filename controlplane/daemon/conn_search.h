// SPDX-License-Identifier: Apache-2.0
// Runs scans of the connection tables beside the loop: one thread, one scan at a time, results posted to the loop in portions.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "controlplane/api/node_state.h"
#include "controlplane/loop/loop.h"
#include "dataplane/dataplane.h"

namespace tandem {

class ConnSearch {
 public:
  static constexpr std::chrono::seconds kDeadline{30}, kPatience{10};
  static constexpr std::size_t kPortion = 512, kMostPortionsAhead = 16;

  ConnSearch(Loop& loop, Dataplane& dataplane);
  ~ConnSearch();

  void start(NodeState::Found found, std::function<void(Result<>)> done);  // the loop's thread

 private:
  struct Job {
    NodeState::Found found;
    std::function<void(Result<>)> done;
    std::mutex lock;
    std::condition_variable taken;
    std::size_t ahead = 0;  // portions posted and not yet handled
    bool stopped = false;   // nobody wants more
    bool too_slow = false;  // its reader took nothing for kPatience
  };

  void run();
  void scan(const std::shared_ptr<Job>& job);
  bool wait_for_reader(Job& job, std::size_t most_ahead);
  void post_portion(const std::shared_ptr<Job>& job, std::vector<FoundConnection> portion);

  Loop& loop_;
  Dataplane& dataplane_;
  std::mutex lock_;
  std::condition_variable woken_;
  std::deque<std::shared_ptr<Job>> jobs_;
  std::shared_ptr<Job> current_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tandem
