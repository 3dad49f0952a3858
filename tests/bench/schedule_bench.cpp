// SPDX-License-Identifier: Apache-2.0
// What a service's schedule costs the control thread to build, at 10, 100 and 1000 backends: one Maglev table, and the whole
// schedule with its two tables. Weights of 1 to 4, so that turns are not all alike.
#include <benchmark/benchmark.h>

#include "dataplane/lb/schedule.h"

namespace tandem {
namespace {

std::uint64_t identity_of(std::uint64_t number) { return (number + 1) * 0x9e3779b97f4a7c15; }
std::uint16_t weight_of(std::uint64_t number) { return static_cast<std::uint16_t>(1 + number % 4); }

void maglev_table(benchmark::State& state) {
  std::vector<MaglevMember> members;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(state.range(0)); ++i) members.push_back({identity_of(i), weight_of(i)});
  for (auto _ : state) {
    const std::vector<MemberIndex> turns = maglev_turns(members);
    const MaglevTable table{SipKey{1, 2}, members, turns};
    benchmark::DoNotOptimize(table.slots().data());
  }
}
BENCHMARK(maglev_table)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

void schedule(benchmark::State& state) {
  std::vector<ScheduleMember> members;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(state.range(0)); ++i)
    members.push_back({static_cast<BackendSlot>(i), identity_of(i), weight_of(i)});
  for (auto _ : state) {
    const Schedule built{HashSeed{1}, members};
    benchmark::DoNotOptimize(built.version());
  }
}
BENCHMARK(schedule)->Arg(10)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tandem

BENCHMARK_MAIN();
