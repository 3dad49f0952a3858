// SPDX-License-Identifier: Apache-2.0
#include "common/base/ensure.h"
#include "tests/bench/pipeline_mixes.h"

namespace tandem::bench {
namespace {

PipelineRoom room_of(const Trial& trial) {
  const std::size_t more = trial.live / 2 + 2048;  // a flood fills a quarter of the table
  return {.connections4 = trial.live + more, .hugepages = trial.hugepages};
}

// SYNs of clients that never come back, for ever new connections.
class Flood {
 public:
  Flood(PipelineWorld& world, const Trial& trial) : world_{world}, source_{trial.pool, {}}, next_{trial.live} {}

  void burst() {
    for (std::uint64_t& number : numbers_) number = next_++;
    source_.make(numbers_, burst_, kTcpSyn);
    const std::uint64_t start = cycles_now();
    world_.run(burst_, PortId{0});
    cycles_ += cycles_now() - start;
  }
  double cycles_each() { return static_cast<double>(std::exchange(cycles_, 0)) / (2 * kPackets); }  // of a chunk: two bursts before each

 private:
  PipelineWorld& world_;
  PacketSource source_;
  std::uint64_t next_, cycles_ = 0;
  std::array<std::uint64_t, kBurst> numbers_{};
  std::array<rte_mbuf*, kBurst> burst_{};
};

// Only the way through the pipeline, and of every second burst alone. What comes before it, `other`, has a burst of steady packets too: a
// table that is touched half as often has less of the caches that both tables share, whatever else goes on.
template <typename Other>
double cycles_of_steady(Steady& steady, Other&& other) {
  std::uint64_t cycles = 0;
  for (std::size_t i = 0; i < kBursts; ++i) {
    other();
    steady.make();
    const std::uint64_t start = cycles_now();
    const std::size_t sent = steady.run();
    cycles += cycles_now() - start;
    ensure(sent == kBurst);
  }
  return static_cast<double>(cycles) / kPackets;
}

}  // namespace

void measure_flood(const Trial& trial) {
  PipelineWorld calm{room_of(trial)}, flooded{room_of(trial)};
  calm.fill({}, trial.live), flooded.fill({}, trial.live);
  const auto steady_of = [&](PipelineWorld& world) { return Steady{world, trial.pool, {}, FlowChoice::uniform(trial.live)}; };
  Steady in_calm = steady_of(calm), calm_between = steady_of(calm), in_flood = steady_of(flooded), between_floods = steady_of(flooded);
  Flood flood{flooded, trial};
  const std::size_t quota = flooded.context().connections4.table->half_open_quota();
  for (std::size_t i = 0; i < quota / kBurst + kBursts; ++i) flood.burst();  // from now on it gets no more of the table
  flood.cycles_each();
  Samples quiet, loud, syn, times;
  for (std::size_t round = 0; round < trial.rounds; ++round) {
    const double one = cycles_of_steady(in_calm, [&] { calm_between.make(), calm_between.run(); });
    const double other = cycles_of_steady(in_flood, [&] { flood.burst(), between_floods.make(), between_floods.run(), flood.burst(); });
    const double each = flood.cycles_each();
    if (is_warm(round, trial.rounds)) quiet.add(one), loud.add(other), syn.add(each), times.add(other / one);
  }
  Row row{"nat ipv4 in a SYN flood", trial.size};
  row.set("calm", quiet).set("in a flood", loud).set("a SYN of it", syn).set("× calm", times);
  trial.report.add(row);
}

}  // namespace tandem::bench
