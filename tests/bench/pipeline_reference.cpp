// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_reference.h"

#include <rte_hash.h>
#include <rte_hash_crc.h>

#include "common/base/ensure.h"
#include "dataplane/pipeline/choose.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/rewrite_all.h"
#include "tests/bench/pipeline_chunks.h"

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

void measure_reference(PipelineWorld& world, const Trial& trial, const Case& one) {
  rte_hash* hash = make_hash(world, trial.live);
  Steady steady{world, trial.pool, one.pattern, FlowChoice::uniform(trial.live)};
  PortFacts ports;
  Lanes lanes;
  Batch& batch = world.batch();
  const auto work = [&] {
    const std::span<rte_mbuf* const> burst = steady.make();
    ports.refresh(world.generation(), world.context().roles);
    lanes.clear();
    batch.clear();
    const Pass pass{world.context(), ports, batch, lanes};
    for (rte_mbuf* mbuf : burst) batch.add(mbuf, port_of(one.pattern));
    classify(pass);
    find_by_hash(pass, hash);
    rewrite_all(pass);
    choose(pass);
    batch.finish(*world.context().counters);
    world.sink();
  };
  const std::size_t rounds = trial.rounds / 2;
  Samples null, theirs, difference;
  for (std::size_t round = 0; round < rounds; ++round) {
    const Chunk chunk{steady.null(), cycles_per_packet(work)};
    if (is_warm(round, rounds)) null.add(chunk.null), theirs.add(chunk.ours), difference.add(chunk.difference());
  }
  rte_hash_free(hash);
  Row row{std::string{one.name} + " by rte_hash", trial.size};
  row.set("null", null).set("theirs", theirs).set("difference", difference);
  trial.report.add(row);
}

}  // namespace tandem::bench
