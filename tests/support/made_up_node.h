// SPDX-License-Identifier: Apache-2.0
// A node that is nothing but a configuration, a board and the counters of a test: no dataplane, no files, nothing that outlives it.
#pragma once

#include "controlplane/api/node_state.h"

namespace tandem::test {

class MadeUpNode : public NodeState {
 public:
  explicit MadeUpNode(config::Config config) : config_{std::move(config)} { board_.configure(config_, now_); }

  const config::Config& config() const override { return config_; }
  const std::string& config_text() const override { return nothing_; }
  Board& board() override { return board_; }
  EventLog& events() override { return events_; }
  config::Overlay& overlay() override { return overlay_; }
  guard::Desk& guard() override { return guard_; }
  const RateWindow& rates() const override { return rates_; }
  Sample sample() override { return counted; }
  Instant now() const override { return now_; }

  api::Version version() const override { return {}; }
  double uptime_seconds() const override { return 1000; }
  std::uint64_t generation() const override { return 1; }
  bool hugepages() const override { return false; }
  bool healthd_connected() const override { return true; }
  void fill_process(api::Snapshot&) const override {}
  void republish() override {}

  api::Answer<api::Applied> apply(const std::string&, const std::string&, double, const std::string&, const std::string&) override {
    return {};
  }
  api::Answer<api::Applied> confirm(const std::string&) override { return {}; }
  api::Answer<api::Applied> rollback(const std::string&, const std::string&) override { return {}; }
  std::vector<api::ConfigVersion> history() const override { return {}; }
  void count_reloads(api::Snapshot&) const override {}
  void scan(Found, std::function<void(Result<>)> done) override { done({}); }
  bool run_check(const std::string&, const std::string&, std::function<void(api::Answer<api::CheckRun>)>) override { return false; }

  Sample counted;

 protected:
  config::Config config_;
  Board board_;
  EventLog events_;
  config::Overlay overlay_;
  guard::Desk guard_;
  RateWindow rates_;
  Instant now_{std::chrono::seconds{1000}};

 private:
  std::string nothing_;
};

}  // namespace tandem::test
