// SPDX-License-Identifier: Apache-2.0
// Runs each check when its turn has come, at most kMostAtOnce together, and says what came out. Threads: the loop's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "controlplane/health/check.h"
#include "controlplane/health/http_check.h"
#include "controlplane/health/rounds.h"
#include "controlplane/health/tcp_check.h"
#include "controlplane/loop/loop.h"

namespace tandem::health {

class Examiner {
 public:
  static constexpr std::size_t kMostAtOnce = 256, kMostRuns = 16;

  using Tell = std::function<void(const api::CheckVerdict&)>;
  using TellRun = std::function<void(const api::CheckRun&)>;

  Examiner(Loop& loop, Rounds::Chance chance, Tell tell);

  // The checks from now on. One that asks the same question as before goes on undisturbed, with what is known of its backend;
  // new and changed ones begin anew; the others end.
  void set_jobs(const std::vector<api::CheckJob>& jobs);

  // Whoever listens now knows nothing yet: the next verdict of every check counts as final.
  void tell_all_again();

  // This one's turn is now, somebody having reason to doubt its backend; one that is under way is followed by another.
  void ask(const std::string& service, const std::string& backend);

  // One check besides its turns, with its dialogue; it changes no verdict.
  void run(const std::string& token, const std::string& service, const std::string& backend, TellRun tell);

  std::size_t jobs() const { return patients_.size(); }
  std::size_t under_way() const { return under_way_; }

 private:
  struct Patient {
    api::CheckJob job;
    Standing standing;
    AttemptPtr attempt;
    bool tell_again = false;
  };

  void set_job(const std::string& key, const api::CheckJob& job);
  void drop(const std::string& key);
  AttemptPtr start(const api::CheckJob& job, bool verbose, Done done);
  void pump();
  void finished(const std::string& key, const Outcome& outcome);

  Loop& loop_;
  SteadyClock clock_;
  Rounds rounds_;
  Tell tell_;
  TcpChecks tcp_;
  HttpChecks http_;
  Loop::Handle timer_;
  std::map<std::string, Patient> patients_;
  std::map<std::string, AttemptPtr> runs_;  // by token
  std::size_t under_way_ = 0;
};

}  // namespace tandem::health
