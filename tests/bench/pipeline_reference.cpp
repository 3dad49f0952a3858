// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_reference.h"

#include <rte_hash.h>
#include <rte_hash_crc.h>

#include "common/base/ensure.h"
#include "dataplane/pipeline/choose.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/rewrite_all.h"
#include "tests/bench/samples.h"

namespace tandem::bench {

namespace {

rte_hash* make_hash(PipelineWorld& world, std::uint64_t live) {
  rte_hash_parameters parameters{};
  parameters.name = "reference";
  parameters.entries = static_cast<std::uint32_t>(live + live / 8 + 64);
  parameters.key_len = sizeof(ConnKey4);
  parameters.hash_func = rte_hash_crc;
  rte_hash* hash = rte_hash_create(&parameters);
  ensure(hash != nullptr);
  ConnTable4& table = *world.context().connections4.table;
  table.walk(0, table.slots(), [&](ConnEntry4& entry) {
    const ConnKey4 key = entry.client_key();
    const int failed = rte_hash_add_key_data(hash, &key, &entry);
    ensure(failed == 0);
  });
  return hash;
}

void find_by_hash(const Pass& pass, const rte_hash* hash) {
  const FindLane<ConnEntry4>& from_client = pass.lanes.v4.from_client;
  const Lane& lane = from_client.packets;
  std::array<const void*, kBatchMax> places;
  std::array<void*, kBatchMax> found;
  std::uint64_t hits = 0;
  for (std::size_t i = 0; i < lane.size(); ++i) places[i] = &from_client.keys[i];
  rte_hash_lookup_bulk_data(hash, places.data(), static_cast<std::uint32_t>(lane.size()), &hits, found.data());
  for (std::size_t i = 0; i < lane.size(); ++i) prefetch_for_write(found[i]);
  for (std::size_t i = 0; i < lane.size(); ++i) {
    auto& entry = *static_cast<ConnEntry4*>(found[i]);
    ensure((hits >> i & 1) != 0 && entry.belongs_to((*pass.generation.backends)[index(entry.backend_slot)]));
    entry.touch(pass.context.connections4.expiry->tick());
    lane[i]->connection = &entry;
    pass.lanes.v4.by(entry.method).push(lane[i]);
  }
}

}  // namespace

void measure_reference(PipelineWorld& world, rte_mempool* pool, const Pattern& pattern, std::uint64_t live, std::size_t rounds,
                       Report& report, Row row) {
  constexpr std::size_t kBursts = 16;
  rte_hash* hash = make_hash(world, live);
  PacketSource source{pool, pattern, live};
  PortFacts ports;
  Lanes lanes;
  Batch& batch = world.batch();
  std::array<std::uint64_t, kBurst> numbers;
  std::array<rte_mbuf*, kBurst> burst;
  const auto receive = [&] {
    source.choose(numbers);
    source.make(numbers, burst, kTcpAck);
  };
  const auto work = [&] {
    receive();
    ports.refresh(world.generation(), world.context().roles);
    lanes.clear();
    batch.clear();
    const Pass pass{world.context(), ports, batch, lanes};
    for (rte_mbuf* mbuf : burst) batch.add(mbuf, port_of(pattern));
    classify(pass);
    find_by_hash(pass, hash);
    rewrite_all(pass);
    choose(pass);
    batch.finish(*world.context().counters);
    world.sink();
  };
  Samples null, theirs, difference;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::uint64_t start = cycles_now();
    for (std::size_t i = 0; i < kBursts; ++i) receive(), rte_pktmbuf_free_bulk(burst.data(), kBurst);
    const std::uint64_t middle = cycles_now();
    for (std::size_t i = 0; i < kBursts; ++i) work();
    const std::uint64_t end = cycles_now();
    if (round < rounds / 10) continue;
    const double packets = kBurst * kBursts;
    null.add(static_cast<double>(middle - start) / packets), theirs.add(static_cast<double>(end - middle) / packets);
    difference.add((static_cast<double>(end - middle) - static_cast<double>(middle - start)) / packets);
  }
  rte_hash_free(hash);
  row.set("null", null).set("theirs", theirs).set("difference", difference);
  report.add(row);
}

}  // namespace tandem::bench
