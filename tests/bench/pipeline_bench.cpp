// SPDX-License-Identifier: Apache-2.0
// What the pipeline costs per packet: source, pipeline and sink against source and sink alone (the null pipeline), in turns in
// one run. TSC cycles: medians of the differences, and where 80 % of the samples lie.
//   pipeline_bench [quick] [--json FILE] [--only TEXT] [--profile ROUNDS]
// --only: rows whose name and size hold the text, such as "ipv4 1 k".
// --profile: 1 k connections, the pipeline alone, that many bursts: for valgrind --tool=callgrind.
#include <rte_eal.h>

#include <algorithm>
#include <cstdio>

#include "tests/bench/hugepages.h"
#include "tests/bench/pipeline_connections.h"
#include "tests/bench/pipeline_mixes.h"
#include "tests/bench/pipeline_reference.h"
#include "tests/bench/start.h"

namespace tandem::bench {
namespace {

struct Options {
  bool quick = false;
  std::string json, only;
  std::size_t profile = 0;  // rounds
};

constexpr std::uint64_t kLive[] = {1'000, 1'000'000, 10'000'000};
constexpr const char* kLiveNames[] = {"1 k", "1 M", "10 M"};
constexpr std::uint64_t kLiveCompared = 1'000'000;  // at most, where two kinds of connections live at once

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word{argv[i]};
    if (word == "quick") options.quick = true;
    else if (word == "--json" && i + 1 < argc) options.json = argv[++i];
    else if (word == "--only" && i + 1 < argc) options.only = argv[++i];
    else if (word == "--profile" && i + 1 < argc) options.profile = std::stoul(argv[++i]);
    else std::exit(std::fprintf(stderr, "usage: pipeline_bench [quick] [--json FILE] [--only TEXT] [--profile ROUNDS]\n") != 0 ? 2 : 2);
  }
  return options;
}

class Bench {
 public:
  Bench(const Options& options, bool hugepages, rte_mempool* pool, Report& report)
      : options_{options}, hugepages_{hugepages}, pool_{pool}, report_{report} {}

  void run() {
    for (std::size_t size = 0; size < std::size(kLive); ++size) {
      for (Family family : {Family::ipv4, Family::ipv6}) run_plain(size, family);
      if (kLive[size] > kLiveCompared) continue;
      run_comparisons(size);
      run_mixes(size);
    }
    run_connections();
  }

 private:
  bool wanted(const std::string& name, const char* size) const {
    return options_.only.empty() || (name + " " + size).find(options_.only) != std::string::npos;
  }
  Trial trial(std::uint64_t live, const char* size) const {
    return {pool_, live, size, options_.quick ? 300U : 2000U, hugepages_, report_};
  }
  Trial trial(std::size_t size) const { return trial(kLive[size], kLiveNames[size]); }

  void run_plain(std::size_t size, Family family) {
    if (options_.quick && family == Family::ipv6 && kLive[size] > kLiveCompared) return;
    const auto chosen = [&](const Case& one) { return one.pattern.service.family == family && wanted(one.name, kLiveNames[size]); };
    if (std::ranges::none_of(plain_cases(), chosen)) return;
    const std::size_t room = kLive[size] + kLive[size] / 16 + 1024;
    PipelineWorld world{{family == Family::ipv4 ? room : 1024, family == Family::ipv6 ? room : 1024, 0, hugepages_}};
    for (const Case& one : plain_cases()) {
      if (!chosen(one)) continue;
      world.clear();
      world.fill(one.pattern.service, kLive[size]);
      measure(world, trial(size), one);
      measure_stages(world, trial(size), one);
      if (family == Family::ipv4 && one.pattern.direction == Direction::from_client) measure_reference(world, trial(size), one);
    }
  }

  void run_comparisons(std::size_t size) {
    const auto chosen = [&](const Comparison& both) { return wanted(both.subject.name, kLiveNames[size]); };
    if (std::ranges::none_of(comparisons(), chosen)) return;
    const std::size_t room = 2 * kLive[size] + kLive[size] / 8 + 1024;
    PipelineWorld world{{room, room, kLive[size], hugepages_}};
    for (const Comparison& both : comparisons()) {
      if (!chosen(both)) continue;
      world.clear();
      world.fill(both.subject.pattern.service, kLive[size]);
      world.fill(both.reference.pattern.service, kLive[size]);
      compare(world, trial(size), both);
    }
  }

  void run_mixes(std::size_t size) {
    if (wanted("nat ipv4, mixes", kLiveNames[size])) {
      PipelineWorld world{{.connections4 = 2 * kLive[size] + 1024, .hugepages = hugepages_}};
      world.fill({}, kLive[size]);
      measure_zipf(world, trial(size));
      measure_newcomers(world, trial(size));
      measure_fragments(world, trial(size));
    }
    if (wanted("nat ipv4 in a SYN flood", kLiveNames[size])) measure_flood(trial(size));
    if (wanted("nat ipv4 beside a deny list of 1 M", kLiveNames[size])) measure_deny_list(trial(size));
  }

  void run_connections() {
    if (!wanted("connections of six packets", "500 k")) return;
    PipelineWorld world{{.connections4 = 2'000'000, .hugepages = hugepages_}};
    measure_connections(world, trial(500'000, "500 k"));
  }

  const Options& options_;
  bool hugepages_;
  rte_mempool* pool_;
  Report& report_;
};

void profile(const Options& options) {
  rte_mempool* pool = start_dpdk("pipeline_bench", false);
  PipelineWorld world{{20'000, 2048, 1000, false}};
  if (options.only == "connections") {
    Connector connector{world, pool, 10'000};
    for (std::size_t round = 0; round < options.profile; ++round) connector.six(true);
  } else if (const Case* one = find_case(options.only); one != nullptr) {
    world.fill(one->pattern.service, 1000);
    Steady steady{world, pool, one->pattern, FlowChoice::uniform(1000)};
    for (std::size_t round = 0; round < options.profile; ++round) steady.make(), steady.run();
  }
}

int run(const Options& options) {
  if (options.profile != 0) return profile(options), 0;
  const Hugepages reserved{std::size_t{options.quick ? 3U : 6U} << 30};
  rte_mempool* pool = start_dpdk("pipeline_bench", reserved.enough());
  Report report{tsc_rate(), reserved.enough()};
  Bench{options, reserved.enough(), pool, report}.run();
  const int status = finish(report, options.json, pool);
  rte_eal_cleanup();
  return status;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(tandem::bench::read_options(argc, argv)); }
