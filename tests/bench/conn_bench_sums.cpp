// SPDX-License-Identifier: Apache-2.0
// What comparing two nodes costs a worker: per slot of the walk that never ends, and per connection that comes to be counted.
#include "dataplane/conn/flow_mark.h"
#include "tests/bench/conn_bench.h"

namespace tandem::bench {

void Sums(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)));
  ConnTable4& table = world.table();
  const SipKey key{3, 4};
  FlowSums sums;
  while (sums.clear_slice()) continue;
  Samples slot, change;
  Chunk chunk;
  std::vector<ConnEntry4*> entries(kChunk);
  for (auto _ : state) {
    const std::uint64_t start = cycles_now();
    table.walk(0, table.slots(), [&](ConnEntry4& entry) {
      const FlowMark mark = mark_of(key, entry, table.detail(entry), entry.backend);
      sums.meet(mark.bucket, mark.value);
    });
    slot.add(static_cast<double>(cycles_now() - start) / static_cast<double>(table.slots()));
    sums.pass(table.slots() / 2);
    const auto pick = [&](Chunk& picked) {
      world.pick_known(picked);
      for (std::size_t i = 0; i < kChunk; ++i) entries[i] = table.find(picked.hashes[i], picked.keys[i], Direction::from_client);
    };
    // The entry is warm: it was just told or learnt. Its sum is anywhere in a megabyte.
    take_turn(change, chunk, pick, [&] {
      for (ConnEntry4* entry : entries) {
        const FlowMark mark = mark_of(key, *entry, table.detail(*entry), entry->backend);
        sums.change(index(table.handle(*entry)), mark.bucket, mark.value);
      }
    });
  }
  report(state, "slot", slot);
  report(state, "change", change);
}

}  // namespace tandem::bench
