// SPDX-License-Identifier: Apache-2.0
#include <rte_hash.h>

#include <array>

#include "tests/bench/conn_bench.h"

namespace tandem::bench {
namespace {

// What a packet does with its entry: reads where to go, notes that it was here.
std::uint32_t use(ConnEntry4& entry, std::uint32_t tick) {
  entry.touch(tick);
  return entry.backend.value.wire + entry.l4_delta;
}

std::uint32_t look_up(ConnTable4& table, const Chunk& chunk, std::uint32_t tick) {
  std::uint32_t sum = 0;
  for (std::size_t from = 0; from < kChunk; from += kBurst) {
    std::array<Candidate, kBurst> at;
    const std::span hashes{chunk.hashes.data() + from, kBurst};
    for (const TableHash hash : hashes) table.prefetch(hash);
    table.candidates(hashes, at);
    for (std::size_t i = 0; i < kBurst; ++i) {
      ConnEntry4* entry = table.find(hashes[i], at[i], chunk.keys[from + i], chunk.directions[from + i]);
      if (entry != nullptr) sum += use(*entry, tick);
    }
  }
  return sum;
}

// The same by rte_hash: its bulk look-up (CRC inside), entries asked for, then used.
std::uint32_t look_up(rte_hash* table, const Chunk& chunk, std::uint32_t tick, bool touch) {
  std::uint32_t sum = 0;
  for (std::size_t from = 0; from < kChunk; from += kBurst) {
    std::array<const void*, kBurst> keys;
    std::array<void*, kBurst> data{};
    std::uint64_t hits = 0;
    for (std::size_t i = 0; i < kBurst; ++i) keys[i] = &chunk.keys[from + i];
    rte_hash_lookup_bulk_data(table, keys.data(), kBurst, &hits, data.data());
    sum += static_cast<std::uint32_t>(hits);
    if (!touch) continue;
    for (void* entry : data) prefetch_for_write(entry);
    for (std::size_t i = 0; i < kBurst; ++i) {
      if ((hits >> i & 1) != 0) sum += use(*static_cast<ConnEntry4*>(data[i]), tick);
    }
  }
  return sum;
}

}  // namespace

void LookUp(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  const auto pick = [&](Chunk& chunk) { world.pick_known(chunk); };
  Chunk chunk;
  Samples ours, reference, reference_alone;
  std::uint32_t tick = 0, sum = 0;
  for (auto _ : state) {
    ++tick;
    take_turn(ours, chunk, pick, [&] { sum += look_up(world.table(), chunk, tick); });
    take_turn(reference, chunk, pick, [&] { sum += look_up(world.reference(), chunk, tick, true); });
    take_turn(reference_alone, chunk, pick, [&] { sum += look_up(world.reference(), chunk, tick, false); });
  }
  benchmark::DoNotOptimize(sum);
  report(state, "ours", ours);
  report(state, "rte_hash", reference);
  report(state, "rte_hash_alone", reference_alone);
  state.counters["ratio"] = ours.median() / reference.median();
  state.counters["bytes_per_connection"] = static_cast<double>(world.bytes()) / static_cast<double>(world.live());
}

void Miss(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  const auto pick = [&](Chunk& chunk) { world.pick_unknown(chunk); };
  Chunk chunk;
  Samples ours, reference;
  std::uint32_t sum = 0;
  for (auto _ : state) {
    take_turn(ours, chunk, pick, [&] { sum += look_up(world.table(), chunk, 0); });
    take_turn(reference, chunk, pick, [&] { sum += look_up(world.reference(), chunk, 0, false); });
  }
  benchmark::DoNotOptimize(sum);
  report(state, "ours", ours);
  report(state, "rte_hash", reference);
  state.counters["ratio"] = ours.median() / reference.median();
}

// Each pass by itself, fenced, so their sum is more than LookUp's.
void Stages(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  ConnTable4& table = world.table();
  Chunk chunk;
  Samples hash, ask, match, compare;
  std::uint32_t sum = 0;
  for (auto _ : state) {
    world.pick_known(chunk);
    for (std::size_t from = 0; from < kChunk; from += kBurst) {
      std::array<Candidate, kBurst> at;
      std::array<ClientEnd4, kBurst> ends;
      std::array<TableHash, kBurst> hashes;
      for (std::size_t i = 0; i < kBurst; ++i) ends[i] = chunk.keys[from + i].client;
      const std::uint64_t t0 = cycles_now();
      world.hasher().batch(ends, hashes);
      const std::uint64_t t1 = cycles_now();
      for (const TableHash h : hashes) table.prefetch(h);
      const std::uint64_t t2 = cycles_now();
      table.candidates(hashes, at);
      const std::uint64_t t3 = cycles_now();
      for (std::size_t i = 0; i < kBurst; ++i) {
        ConnEntry4* entry = table.find(hashes[i], at[i], chunk.keys[from + i], Direction::from_client);
        if (entry != nullptr) sum += use(*entry, 0);
      }
      const std::uint64_t t4 = cycles_now();
      const auto each = [](std::uint64_t a, std::uint64_t b) { return static_cast<double>(b - a) / kBurst; };
      hash.add(each(t0, t1)), ask.add(each(t1, t2)), match.add(each(t2, t3)), compare.add(each(t3, t4));
    }
  }
  benchmark::DoNotOptimize(sum);
  report(state, "hash", hash);
  report(state, "prefetch", ask);
  report(state, "match", match);
  report(state, "compare_use", compare);
}

}  // namespace tandem::bench
