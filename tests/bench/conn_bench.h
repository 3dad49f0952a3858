// SPDX-License-Identifier: Apache-2.0
// What the parts of conn_bench share: turns, samples, and the world of the size that is being measured.
#pragma once

#include <benchmark/benchmark.h>

#include <string>

#include "tests/bench/conn_world.h"
#include "tests/bench/samples.h"

namespace tandem::bench {

World& world_of(std::size_t live);
void report(benchmark::State& state, const std::string& name, const Samples& samples);  // median, and where 80 % lie

void LookUp(benchmark::State& state);
void Miss(benchmark::State& state);
void Stages(benchmark::State& state);
void Insert(benchmark::State& state);
void Churn(benchmark::State& state);
void Sweep(benchmark::State& state);
void Sums(benchmark::State& state);
void register_hashes();

template <typename Work>
double cycles_each(Work&& work) {
  const std::uint64_t start = cycles_now();
  work();
  return static_cast<double>(cycles_now() - start) / static_cast<double>(kChunk);
}

// One turn: many chunks through one table, so that its lines and not the other's fill the caches; the first ones do not count.
constexpr int kTurnChunks = 80, kWarmChunks = 16;

template <typename Pick, typename Work>
void take_turn(Samples& samples, Chunk& chunk, Pick&& pick, Work&& work) {
  for (int i = 0; i < kTurnChunks; ++i) {
    pick(chunk);
    const double each = cycles_each(work);
    if (i >= kWarmChunks) samples.add(each);
  }
}

}  // namespace tandem::bench
