// SPDX-License-Identifier: Apache-2.0
// Look-up and insertion in our table and in rte_hash, the same keys in the same run, in turns. TSC cycles per packet: median, and
// where 80 % of the samples lie.
#include "tests/bench/conn_bench.h"

#include <rte_eal.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "tests/bench/hugepages.h"

namespace tandem::bench {
namespace {

bool use_hugepages = false;
std::unique_ptr<World> world;

}  // namespace

// One world at a time, kept between the benchmarks of one size: filling ten million takes longer than measuring.
World& world_of(std::size_t live) {
  if (world == nullptr || world->live() != live) {
    world.reset();
    world = std::make_unique<World>(live, use_hugepages);
  }
  return *world;
}

void report(benchmark::State& state, const std::string& name, const Samples& samples) {
  state.counters[name] = samples.median();
  state.counters[name + "_p10"] = samples.low();
  state.counters[name + "_p90"] = samples.high();
}

namespace {

void register_all() {
  const auto add = [](const char* name, auto* run, long live, long iterations) {
    benchmark::RegisterBenchmark(name, run)->Arg(live)->Iterations(iterations);
  };
  for (const long live : {1'000L, 1'000'000L, 10'000'000L}) {
    add("look_up", LookUp, live, 40);
    add("miss", Miss, live, 30);
    add("stages", Stages, live, 200);
    add("insert", Insert, live, 15);
    add("churn", Churn, live, 1);
    add("look_up_after_churn", LookUp, live, 40);
    add("insert_after_churn", Insert, live, 15);
    add("sweep", Sweep, live, 20);
    add("sums", Sums, live, 5);
  }
  register_hashes();
}

// What the largest size takes: ours 0.9 GB, rte_hash 1.2 GB, its entries 0.7 GB.
constexpr std::size_t kHugepageBytes = std::size_t{3300} << 20;

bool start_eal() {
  std::vector<std::string> words{"conn_bench", "--no-pci", "--no-telemetry", "--log-level=error", "-l", "0"};
  const std::vector<std::string> more =
      use_hugepages ? std::vector<std::string>{"--in-memory"} : std::vector<std::string>{"--no-huge", "--no-shconf", "-m", "2048"};
  words.insert(words.end(), more.begin(), more.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  return rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) >= 0;
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) {
  using namespace tandem::bench;
  benchmark::Initialize(&argc, argv);
  const Hugepages pages{kHugepageBytes};
  use_hugepages = pages.enough();
  benchmark::AddCustomContext("pages", use_hugepages ? "2 MiB, reserved" : "MADV_HUGEPAGE (rte_hash: 4 KiB)");
  if (!start_eal()) {
    std::fprintf(stderr, "error: EAL did not start\n");
    return 1;
  }
  register_all();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  world.reset();  // before EAL, in whose memory rte_hash lies
  rte_eal_cleanup();
  return 0;
}
