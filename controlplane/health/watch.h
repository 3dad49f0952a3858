// SPDX-License-Identifier: Apache-2.0
// healthd's side of health.sock: hears what to check, says what came out, and comes back for ever when tandemd is away.
// Verdicts made meanwhile are not kept: the first ones after coming back say where everything stands. Threads: the loop's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/api/types.h"
#include "controlplane/health/line_channel.h"
#include "controlplane/loop/loop.h"

namespace tandem::health {

class Watch {
 public:
  static constexpr Nanoseconds kGatherFor = std::chrono::milliseconds{20};  // results that come together are reported together
  static constexpr Nanoseconds kFirstRetry = std::chrono::milliseconds{50}, kLastRetry = std::chrono::seconds{1};
  static constexpr std::size_t kMostInOne = 500;  // far below the 1 MiB of a request

  struct Hear {
    std::function<void(const std::vector<api::CheckJob>&)> jobs;
    std::function<void(const std::string& token, const std::string& service, const std::string& backend)> run;
    std::function<void(const std::string& service, const std::string& backend)> ask;  // out of turn
    std::function<void()> listened_to_anew;                                           // connected, or a report was lost
    std::function<void(const std::string&)> log;
  };

  Watch(Loop& loop, std::string socket, Hear hear);

  void report(const api::CheckVerdict& verdict);
  void report(const api::CheckRun& run);
  void flush();  // what was gathered, now

 private:
  void connect();
  void away(const std::string& why);
  void line(const std::string& text);
  void event(const api::Json& event);
  bool request(const char* method, const api::Json& params);

  Loop& loop_;
  std::string socket_;
  Hear hear_;
  LineChannel channel_;
  Loop::Handle retry_, gather_;
  Nanoseconds retry_in_ = kFirstRetry;
  std::vector<api::CheckVerdict> gathered_;
  std::uint64_t next_id_ = 1, watch_id_ = 0;
  bool complained_ = false;
};

}  // namespace tandem::health
