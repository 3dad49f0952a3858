// SPDX-License-Identifier: Apache-2.0
// A node of one service for the API's methods to speak of, with answers to all that they can ask.
#pragma once

#include "tests/support/made_up_node.h"

namespace tandem::fuzz {

class FakeNode final : public test::MadeUpNode {
 public:
  FakeNode();

  const std::string& config_text() const override;
  Sample sample() override;
  api::Version version() const override { return {"0", "fuzz", "0", 1, "node"}; }

  api::Answer<api::Applied> apply(const std::string& text, const std::string& file, double confirm_seconds, const std::string& user,
                                  const std::string& reason) override;
  api::Answer<api::Applied> confirm(const std::string&) override { return refuse("nothing waits for a confirmation"); }
  api::Answer<api::Applied> rollback(const std::string&, const std::string&) override { return refuse("no earlier configuration"); }
  std::vector<api::ConfigVersion> history() const override { return {{"0123456789ab", "", "somebody", "", true}}; }

  void scan(Found found, std::function<void(Result<>)> done) override;
  bool run_check(const std::string& service, const std::string& backend, std::function<void(api::Answer<api::CheckRun>)> done) override;

 private:
  static tl::unexpected<api::Failure> refuse(std::string why) { return tl::unexpected{api::Failure{api::Exit::refused, std::move(why)}}; }
};

}  // namespace tandem::fuzz
