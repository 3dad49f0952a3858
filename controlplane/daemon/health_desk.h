// SPDX-License-Identifier: Apache-2.0
// The daemon's side of health.sock: tells tandem-healthd what to check, takes its results, relays single checks.
// When healthd dies the last verdicts stand (fail static) and status says so. Threads: the loop's.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "controlplane/api/node_state.h"
#include "controlplane/api/server.h"

namespace tandem {

class HealthDesk {
 public:
  // news: results of this service's checks tell something new, once for each; what holds is to be judged again after `reported`.
  struct Hooks {
    std::function<void(const std::string& service)> news;
    std::function<void()> reported;
    std::function<void()> first;  // a report held first verdicts; a pair takes no group before they are all in
  };
  HealthDesk(Server& server, NodeState& node, Hooks hooks);

  void configuration_changed();  // watchers get the new list
  bool connected() const { return !watchers_.empty(); }
  bool ask(const std::string& service, const std::string& backend);  // its check, at once; false: healthd is away
  bool run(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done);

 private:
  void watch(const CallPtr& call);
  void report(const CallPtr& call);
  void take(const api::CheckVerdict& verdict);
  void left(const Call* call);
  api::Json jobs() const;

  NodeState& node_;
  Hooks hooks_;
  std::map<const Call*, CallPtr> watchers_;
  std::map<std::string, std::function<void(api::Answer<api::CheckRun>)>> runs_;  // by token, until healthd answers
  std::uint64_t next_token_ = 1;
  bool first_verdicts_ = false;
};

}  // namespace tandem
