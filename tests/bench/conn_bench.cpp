// SPDX-License-Identifier: Apache-2.0
// Look-up and insertion in our table and in rte_hash, the same keys in the same run, in turns. TSC cycles per packet: median, and
// where 80 % of the samples lie. One iteration is one sample of each.
#include <benchmark/benchmark.h>
#include <rte_common.h>
#include <rte_eal.h>
#include <rte_hash.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "common/base/ensure.h"
#include "tests/bench/conn_world.h"
#include "tests/bench/hugepages.h"
#include "tests/bench/samples.h"

namespace tandem::bench {
namespace {

bool use_hugepages = false;

// One world at a time, kept between the benchmarks of one size: filling ten million takes longer than measuring.
World& world_of(std::size_t live) {
  static std::unique_ptr<World> world;
  if (world == nullptr || world->live() != live) {
    world.reset();
    world = std::make_unique<World>(live, use_hugepages);
  }
  return *world;
}

template <typename Work>
double cycles_each(Work&& work) {
  const std::uint64_t start = cycles_now();
  work();
  return static_cast<double>(cycles_now() - start) / static_cast<double>(kChunk);
}

// What a packet does with its entry: reads where to go, notes that it was here. A new tick every 64 chunks.
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

void report(benchmark::State& state, const std::string& name, const Samples& samples) {
  state.counters[name] = samples.median();
  state.counters[name + "_p10"] = samples.low();
  state.counters[name + "_p90"] = samples.high();
}

void LookUp(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  Chunk chunk;
  Samples ours, reference, reference_alone;
  std::uint32_t tick = 0, sum = 0;
  for (auto _ : state) {
    const std::uint32_t now = ++tick / 64;
    world.pick_known(chunk);
    ours.add(cycles_each([&] { sum += look_up(world.table(), chunk, now); }));
    world.pick_known(chunk);
    reference.add(cycles_each([&] { sum += look_up(world.reference(), chunk, now, true); }));
    world.pick_known(chunk);
    reference_alone.add(cycles_each([&] { sum += look_up(world.reference(), chunk, now, false); }));
  }
  benchmark::DoNotOptimize(sum);
  report(state, "ours", ours);
  report(state, "rte_hash", reference);
  report(state, "rte_hash_alone", reference_alone);
  state.counters["ratio"] = ours.median() / reference.median();
  state.counters["bytes_per_connection"] = static_cast<double>(world.bytes()) / static_cast<double>(world.live());
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

void Miss(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  Chunk chunk;
  Samples ours, reference;
  std::uint32_t sum = 0;
  for (auto _ : state) {
    world.pick_unknown(chunk);
    ours.add(cycles_each([&] { sum += look_up(world.table(), chunk, 0); }));
    world.pick_unknown(chunk);
    reference.add(cycles_each([&] { sum += look_up(world.reference(), chunk, 0, false); }));
  }
  benchmark::DoNotOptimize(sum);
  report(state, "ours", ours);
  report(state, "rte_hash", reference);
  state.counters["ratio"] = ours.median() / reference.median();
}

// A chunk of new connections into a table that is otherwise at its capacity, and out again.
void Insert(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  ConnTable4& table = world.table();
  Chunk chunk;
  Samples insert, erase, reference_insert, reference_erase;
  std::vector<ConnEntry4> fresh(kChunk);
  std::vector<ConnEntry4*> made(kChunk);
  std::uint64_t number = (std::uint64_t{1} << 41) + world.random() % (std::uint64_t{1} << 40);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kChunk; ++i) {
      fresh[i] = connection(number++);
      chunk.keys[i] = fresh[i].client_key();
      chunk.hashes[i] = world.hasher()(chunk.keys[i].client);
    }
    insert.add(cycles_each([&] {
      for (std::size_t from = 0; from < kChunk; from += kBurst) {
        for (std::size_t i = from; i < from + kBurst; ++i) table.prefetch(chunk.hashes[i]);
        for (std::size_t i = from; i < from + kBurst; ++i) made[i] = table.insert(chunk.hashes[i], fresh[i], ConnDetail{}).entry;
      }
    }));
    for (ConnEntry4* entry : made) ensure(entry != nullptr);
    erase.add(cycles_each([&] {
      for (ConnEntry4* entry : made) table.erase(*entry);
    }));
    reference_insert.add(cycles_each([&] {
      for (std::size_t i = 0; i < kChunk; ++i) rte_hash_add_key_data(world.reference(), &chunk.keys[i], &fresh[i]);
    }));
    reference_erase.add(cycles_each([&] {
      for (std::size_t i = 0; i < kChunk; ++i) rte_hash_del_key(world.reference(), &chunk.keys[i]);
    }));
  }
  report(state, "insert", insert);
  report(state, "rte_insert", reference_insert);
  report(state, "erase", erase);
  report(state, "rte_erase", reference_erase);
  state.counters["ratio"] = insert.median() / reference_insert.median();
}

// The state a table is in after long use: everybody was replaced three times, so more live outside their first group.
void Churn(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  ConnTable4& table = world.table();
  for (auto _ : state) {
    for (std::size_t i = 0; i < 3 * world.live(); ++i) {
      // Takes somebody out and puts the same client end back: its place is then the first that is free now.
      const ConnEntry4 entry = connection(world.random() % world.live());
      const TableHash hash = world.hasher()(entry.client_key().client);
      ConnEntry4* found = table.find(hash, entry.client_key(), Direction::from_client);
      ensure(found != nullptr);
      table.erase(*found);
      ensure(table.insert(hash, entry, ConnDetail{}).entry != nullptr);
    }
  }
}

// A sweep over all deadlines when nobody is due, per slot.
void Sweep(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  ConnTable4& table = world.table();
  Expiry expiry{table.slots(), anonymous_memory(Expiry::bytes_for(table.slots()))};
  Samples slot;
  Tick tick = 0;
  for (auto _ : state) {
    expiry.advance(++tick);
    const std::uint64_t start = cycles_now();
    for (std::size_t at = 0; at < table.slots(); at += Expiry::kSlice) expiry.sweep(table, [](ConnEntry4&) {});
    slot.add(static_cast<double>(cycles_now() - start) / static_cast<double>(table.slots()));
  }
  report(state, "slot", slot);
}

template <typename Hash>
void hash_rate(benchmark::State& state, Hash&& hash) {
  Samples samples;
  std::vector<std::uint64_t> out(kChunk);
  for (auto _ : state) {
    samples.add(cycles_each([&] { hash(out); }));
    benchmark::DoNotOptimize(out.data());
  }
  report(state, "hash", samples);
}

template <typename End>
void Hash(benchmark::State& state, TableHasher::Kind kind, bool one_by_one) {
  const TableHasher hasher{SipKey{1, 2}, kind};
  std::vector<End> ends(kChunk);
  for (std::size_t i = 0; i < kChunk; ++i) ends[i].port = Be16{static_cast<std::uint16_t>(i)};
  hash_rate(state, [&](std::vector<std::uint64_t>& out) {
    if (one_by_one) {
      for (std::size_t i = 0; i < kChunk; ++i) out[i] = hasher(ends[i]);
    } else {
      for (std::size_t i = 0; i < kChunk; i += kBurst) hasher.batch(std::span{ends.data() + i, kBurst}, std::span{out.data() + i, kBurst});
    }
  });
}

void register_all() {
  const auto add = [](const char* name, auto* run, long live, long iterations) {
    benchmark::RegisterBenchmark(name, run)->Arg(live)->Iterations(iterations);
  };
  for (const long live : {1'000L, 1'000'000L, 10'000'000L}) {
    add("look_up", LookUp, live, 3000);
    add("miss", Miss, live, 2000);
    add("stages", Stages, live, 200);
    add("insert", Insert, live, 1000);
    add("churn", Churn, live, 1);
    add("look_up_after_churn", LookUp, live, 3000);
    add("insert_after_churn", Insert, live, 1000);
    add("sweep", Sweep, live, 20);
  }
  for (const bool one_by_one : {true, false}) {
    const std::string form = one_by_one ? "/one" : "/batch";
    const auto add_hash = [&](const char* name, auto run, TableHasher::Kind kind) {
      benchmark::RegisterBenchmark((name + form).c_str(), run, kind, one_by_one)->Iterations(2000);
    };
    add_hash("siphash/ipv4", Hash<ClientEnd4>, TableHasher::Kind::siphash);
    add_hash("siphash/ipv6", Hash<ClientEnd6>, TableHasher::Kind::siphash);
    if (!TableHasher::has_aes()) continue;
    add_hash("aes/ipv4", Hash<ClientEnd4>, TableHasher::Kind::aes);
    add_hash("aes/ipv6", Hash<ClientEnd6>, TableHasher::Kind::aes);
  }
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
  rte_eal_cleanup();
  return 0;
}
