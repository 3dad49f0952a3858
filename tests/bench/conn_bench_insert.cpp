// SPDX-License-Identifier: Apache-2.0
#include <rte_hash.h>

#include <vector>

#include "common/base/ensure.h"
#include "tests/bench/conn_bench.h"

namespace tandem::bench {
namespace {

// Chunks of new connections into a table that is otherwise at its capacity, and out again.
struct Newcomers {
  Chunk chunk;
  std::vector<ConnEntry4> fresh{kChunk};
  std::vector<ConnEntry4*> made = std::vector<ConnEntry4*>(kChunk);
  std::uint64_t number = 0;

  void arrive(const TableHasher& hasher) {
    for (std::size_t i = 0; i < kChunk; ++i) {
      fresh[i] = connection(number++);
      chunk.keys[i] = fresh[i].client_key();
      chunk.hashes[i] = hasher(chunk.keys[i].client);
    }
  }
  void insert(ConnTable4& table) {
    for (std::size_t from = 0; from < kChunk; from += kBurst) {
      for (std::size_t i = from; i < from + kBurst; ++i) table.prefetch(chunk.hashes[i]);
      for (std::size_t i = from; i < from + kBurst; ++i) table.prefetch_place(chunk.hashes[i]);
      for (std::size_t i = from; i < from + kBurst; ++i) made[i] = table.insert(chunk.hashes[i], fresh[i], ConnDetail{}).entry;
    }
  }
  void erase(ConnTable4& table) {
    for (ConnEntry4* entry : made) table.erase(*entry);
  }
  void insert(rte_hash* table) {
    for (std::size_t i = 0; i < kChunk; ++i) rte_hash_add_key_data(table, &chunk.keys[i], &fresh[i]);
  }
  void erase(rte_hash* table) {
    for (std::size_t i = 0; i < kChunk; ++i) rte_hash_del_key(table, &chunk.keys[i]);
  }
};

template <typename Table>
void insert_turn(World& world, Table&& table, Newcomers& newcomers, Samples& insert, Samples& erase) {
  for (int i = 0; i < kTurnChunks; ++i) {
    newcomers.arrive(world.hasher());
    const double in = cycles_each([&] { newcomers.insert(table); });
    const double out = cycles_each([&] { newcomers.erase(table); });
    if (i >= kWarmChunks) insert.add(in), erase.add(out);
  }
}

}  // namespace

void Insert(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  Samples insert, erase, reference_insert, reference_erase;
  Newcomers newcomers;
  newcomers.number = (std::uint64_t{1} << 41) + world.random() % (std::uint64_t{1} << 40);
  for (auto _ : state) {
    insert_turn(world, world.table(), newcomers, insert, erase);
    insert_turn(world, world.reference(), newcomers, reference_insert, reference_erase);
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

}  // namespace tandem::bench
