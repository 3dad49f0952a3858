// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/replay_main.h"

#include <algorithm>
#include <cstdio>

#include "controlplane/api/describe.h"
#include "controlplane/config/build.h"
#include "controlplane/config/seed.h"
#include "controlplane/daemon/dataplane_options.h"
#include "controlplane/daemon/sampler.h"
#include "controlplane/daemon/version.h"
#include "dataplane/replay.h"

namespace tandem {
namespace {

tl::unexpected<api::Failure> not_here() { return tl::unexpected{api::Failure{api::Exit::refused, "not while replaying"}}; }

// The node as the API's descriptions see it, when nothing but captures ran: nobody asks it to change anything.
class ReplayedNode final : public NodeState {
 public:
  explicit ReplayedNode(const config::Config& config) : config_{config} { board_.configure(config, now()); }

  void take(const Dataplane& dataplane, const config::GenerationBuilder& builder) {
    std::size_t slots = 0;
    for (BackendRow* row : board_.all()) {
      const auto taken = builder.slots_of(row->service, row->name);
      row->slots.assign(taken.begin(), taken.end());
      row->last_change_timestamp_seconds = 0;  // the same input prints the same, whatever today's date
      for (const BackendSlot slot : taken) slots = std::max(slots, index(slot) + 1);
    }
    sample_ = take_sample(dataplane, now(), slots);
    generation_ = 1;
  }

  const config::Config& config() const override { return config_; }
  const std::string& config_text() const override { return no_text_; }
  Board& board() override { return board_; }
  EventLog& events() override { return events_; }
  config::Overlay& overlay() override { return overlay_; }
  guard::Desk& guard() override { return guard_; }
  const RateWindow& rates() const override { return rates_; }
  Sample sample() override { return sample_; }
  Instant now() const override { return Instant{}; }
  api::Version version() const override { return this_version(); }
  double uptime_seconds() const override { return 0; }
  std::uint64_t generation() const override { return generation_; }
  bool hugepages() const override { return false; }
  bool healthd_connected() const override { return false; }
  void fill_process(api::Snapshot&) const override {}
  void republish() override {}
  api::Answer<api::Applied> apply(const std::string&, const std::string&, double, const std::string&, const std::string&) override {
    return not_here();
  }
  api::Answer<api::Applied> confirm(const std::string&) override { return not_here(); }
  api::Answer<api::Applied> rollback(const std::string&, const std::string&) override { return not_here(); }
  std::vector<api::ConfigVersion> history() const override { return {}; }
  void count_reloads(api::Snapshot&) const override {}
  void scan(Found, std::function<void(Result<>)> done) override { done(fail("not while replaying")); }
  bool run_check(const std::string&, const std::string&, std::function<void(api::Answer<api::CheckRun>)>) override { return false; }

 private:
  const config::Config& config_;
  std::string no_text_;
  Board board_;
  EventLog events_;
  config::Overlay overlay_;
  guard::Desk guard_;
  RateWindow rates_;
  Sample sample_;
  std::uint64_t generation_ = 0;
};

Result<std::unique_ptr<Generation>> build_for(config::GenerationBuilder& builder, const config::Config& config, const Dataplane& opened) {
  std::vector<config::PortInput> ports;
  for (const PortState& port : opened.ports()) ports.push_back({port.mac, port.mtu_bytes, port.twin, port.up});
  builder.set_ports(std::move(ports));
  if (const Result<> set = builder.set_config(config, Instant{}); !set) return fail(set.error());
  builder.set_network({});
  return builder.build();
}

// Without what this machine's clock measured: what remains is the captures' doing, and the same every time.
api::Json counted(const std::vector<api::Worker>& workers) {
  api::Json out = workers;
  for (api::Json& worker : out)
    for (const char* measured :
         {"busy_ratio", "busy_seconds", "heartbeat_age_seconds", "loop_buckets", "loop_max_seconds", "loop_sum_seconds"})
      worker.erase(measured);
  return out;
}

int complain(const Error& error) {
  std::fprintf(stderr, "tandemd: error: %s\n", error.message.c_str());
  return static_cast<int>(api::Exit::failed);
}

}  // namespace

int replay_main(const Options& options, const config::Config& config) {
  Result<HashSeed> seed = options.seed.empty() ? Result<HashSeed>{config::replay_seed()} : config::load_seed(options.seed);
  if (!seed) return complain(seed.error());
  config::GenerationBuilder builder{*seed, 1};
  const auto done = replay(dataplane_options(config, options), [&](const Dataplane& opened) { return build_for(builder, config, opened); });
  if (!done) return complain(done.error());
  ReplayedNode node{config};
  node.take(**done, builder);
  const Sample sample = node.sample();
  std::vector<api::Backend> backends;
  for (const BackendRow* row : node.board().all()) backends.push_back(describe(*row, node, sample));
  const api::Json out{{"balance", sample.balance},
                      {"services", describe_services(node, sample, false)},
                      {"backends", backends},
                      {"workers", counted(sample.workers)}};
  std::printf("%s\n", out.dump(2).c_str());
  return 0;
}

}  // namespace tandem
