// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_connections.h"

#include "common/base/ensure.h"

namespace tandem::bench {

Connector::Connector(PipelineWorld& world, rte_mempool* pool, std::uint64_t different)
    : world_{world}, different_{different}, client_{pool, {}}, server_{pool, {.direction = Direction::from_backend}} {}

void Connector::six(bool through) {
  for (std::uint64_t& number : numbers_) number = through ? next_++ % different_ : number;
  send(client_, kTcpSyn, PortId{0}, through);  // whom it went to answers
  send(server_, kTcpSyn | kTcpAck, PortId{1}, through);
  send(client_, kTcpAck, PortId{0}, through);
  send(client_, kTcpFin | kTcpAck, PortId{0}, through);
  send(server_, kTcpFin | kTcpAck, PortId{1}, through);
  send(client_, kTcpAck, PortId{0}, through);
}

void Connector::send(PacketSource& from, std::uint8_t flags, PortId port, bool through) {
  from.make(numbers_, burst_, flags, servers_);
  if (through) world_.run(burst_, port, flags == kTcpSyn ? std::span{servers_} : std::span<std::uint32_t>{});
  else rte_pktmbuf_free_bulk(burst_.data(), kBurst);
}

void measure_connections(PipelineWorld& world, const Trial& trial) {
  Connector connector{world, trial.pool, trial.live};
  Samples null, ours, rate;
  for (std::size_t round = 0; round < trial.rounds; ++round) {
    const double empty = cycles_per_packet([&] { connector.six(false); });
    const double whole = cycles_per_packet([&] { connector.six(true); });
    if (!is_warm(round, trial.rounds)) continue;
    null.add(empty), ours.add(whole);
    rate.add(trial.report.cycles_per_second() / whole / 1e6);
  }
  const WorkerCounters& counters = world.counters();
  ensure(counters.inserts_local.get() == trial.rounds * kBursts * kBurst &&
         counters.orphans[static_cast<std::size_t>(OrphanDecision::stateless_reply)].get() == 0);
  Row row{"connections of six packets", trial.size};
  row.set("null", null).set("ours", ours).set("million connections/s", rate);
  trial.report.add(row);
}

}  // namespace tandem::bench
