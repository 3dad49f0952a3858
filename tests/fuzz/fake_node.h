// SPDX-License-Identifier: Apache-2.0
// A node of one service for the API's methods to speak of: no dataplane, no files, nothing that outlives it.
#pragma once

#include "controlplane/api/node_state.h"

namespace tandem::fuzz {

class FakeNode final : public NodeState {
 public:
  FakeNode();

  const config::Config& config() const override;
  const std::string& config_text() const override;
  Board& board() override { return board_; }
  EventLog& events() override { return events_; }
  config::Overlay& overlay() override { return overlay_; }
  const RateWindow& rates() const override { return rates_; }
  Sample sample() override;
  Instant now() const override { return Instant{std::chrono::seconds{1000}}; }

  api::Version version() const override { return {"0", "fuzz", "0", 1, "node"}; }
  double uptime_seconds() const override { return 1000; }
  std::uint64_t generation() const override { return 1; }
  bool hugepages() const override { return false; }
  bool healthd_connected() const override { return true; }
  void fill_process(api::Snapshot&) const override {}
  void republish() override {}

  api::Answer<api::Applied> apply(const std::string& text, const std::string& file, double confirm_seconds, const std::string& user,
                                  const std::string& reason) override;
  api::Answer<api::Applied> confirm(const std::string&) override { return refuse("nothing waits for a confirmation"); }
  api::Answer<api::Applied> rollback(const std::string&, const std::string&) override { return refuse("no earlier configuration"); }
  std::vector<api::ConfigVersion> history() const override { return {{"0123456789ab", "", "somebody", "", true}}; }
  void count_reloads(api::Snapshot&) const override {}

  void scan(Found found, std::function<void(Result<>)> done) override;
  bool run_check(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) override;

 private:
  static tl::unexpected<api::Failure> refuse(std::string why) { return tl::unexpected{api::Failure{api::Exit::refused, std::move(why)}}; }

  Board board_;
  EventLog events_;
  config::Overlay overlay_;
  RateWindow rates_;
};

}  // namespace tandem::fuzz
