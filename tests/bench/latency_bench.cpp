// SPDX-License-Identifier: Apache-2.0
// How much later packets arrive because Tandem is on their way: a production worker between two memif cables, and a plain wire in
// its place, in turns, both at half of what goes through Tandem at most. Clients' packets and replies of ten thousand connections of
// nat, IPv4. Windows of time: quantiles of each, and what Tandem's has more than the wire's beside it.
//   latency_bench [quick] [--json FILE]
#include <rte_eal.h>

#include <cstdio>
#include <thread>

#include "common/base/ensure.h"
#include "tests/bench/hugepages.h"
#include "tests/bench/latency_probe.h"
#include "tests/bench/memif_cables.h"
#include "tests/bench/plain_wire.h"
#include "tests/bench/report.h"
#include "tests/bench/start.h"
#include "tests/bench/team.h"

namespace tandem::bench {
namespace {

constexpr std::uint64_t kLive = 10'000;
constexpr unsigned kCores[] = {kFirstCore + 1};  // the worker's, or the wire's; the probe has the first
constexpr double kWindowSeconds = 0.25;
constexpr std::size_t kRounds = 60, kQuickRounds = 12, kWindowsAtMost = 4;

struct Quantile {
  const char* name;
  double part;
};
constexpr Quantile kQuantiles[] = {{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}};

class Columns {
 public:
  void add(const LatencyProbe::Seen& seen, const LatencyProbe::Seen& wire, double tsc_hz) {
    for (std::size_t i = 0; i < std::size(kQuantiles); ++i) {
      const double own = seen.quantile_us(kQuantiles[i].part, tsc_hz);
      at_[i].add(own), added_[i].add(own - wire.quantile_us(kQuantiles[i].part, tsc_hz));
    }
    rate_.add(static_cast<double>(seen.received) / seen.seconds / 1e6);
    lost_.add(100 * (1 - static_cast<double>(seen.received) / static_cast<double>(seen.sent)));
  }
  void write(Row& row, bool with_added) const {
    for (std::size_t i = 0; i < std::size(kQuantiles); ++i) row.set(kQuantiles[i].name, at_[i]);
    for (std::size_t i = 0; i < std::size(kQuantiles) && with_added; ++i) row.set(std::string{"added, "} + kQuantiles[i].name, added_[i]);
    row.set("million packets/s", rate_).set("packets lost, %", lost_);
  }

 private:
  std::array<Samples, std::size(kQuantiles)> at_, added_;
  Samples rate_, lost_;
};

struct Bench {
  Bench(rte_mempool* pool, bool hugepages, double tsc)
      : tsc_hz{tsc},
        cables{pool},
        probe{cables.far(), pool, kLive, tsc},
        wire{cables.near()},
        team{cables.near(), {1, kLive, hugepages, tsc}} {}

  LatencyProbe::Seen through_wire(double rate) {
    wire.start(kCores[0]);
    LatencyProbe::Seen seen = probe.run(rate, kWindowSeconds);
    wire.stop();
    return seen;
  }
  LatencyProbe::Seen through_tandem(double rate) {
    const Forwarded before = team.forwarded();
    team.start(kCores);
    LatencyProbe::Seen seen = probe.run(rate, kWindowSeconds);
    team.stop();
    const Forwarded window = team.forwarded() - before;
    busy.add(100 * static_cast<double>(window.busy_cycles) / static_cast<double>(window.cycles));
    return seen;
  }

  double tsc_hz;
  MemifCables cables;
  LatencyProbe probe;
  PlainWire wire;
  Team team;
  Samples busy;
};

// Packets a second that came through when the cables were kept full.
double most_of(Bench& bench) {
  Samples rates;
  for (std::size_t i = 0; i < kWindowsAtMost; ++i) {
    const LatencyProbe::Seen seen = bench.through_tandem(0);
    rates.add(static_cast<double>(seen.received) / seen.seconds);
  }
  return rates.median();
}

void measure(Bench& bench, std::size_t rounds, Report& report) {
  const double half = most_of(bench) / 2;
  bench.busy = {};
  Columns of_wire, of_tandem;
  for (std::size_t round = 0; round < rounds; ++round) {
    const LatencyProbe::Seen wire = bench.through_wire(half), tandem = bench.through_tandem(half);
    of_wire.add(wire, wire, bench.tsc_hz), of_tandem.add(tandem, wire, bench.tsc_hz);
  }
  Row plain{"a plain wire", "half"}, ours{"nat ipv4", "half"};
  of_wire.write(plain, false), of_tandem.write(ours, true);
  report.add(plain);
  report.add(ours.set("worker busy, %", bench.busy));
}

int run(const RunOptions& options) {
  if (std::thread::hardware_concurrency() < 2) return std::fprintf(stderr, "error: two cores are needed\n"), 1;
  const Hugepages reserved{std::size_t{256} << 20};
  rte_mempool* pool = start_dpdk("latency_bench", reserved.enough());
  Report report{tsc_rate(), reserved.enough(), "microseconds"};
  {
    Bench bench{pool, reserved.enough(), report.cycles_per_second()};
    measure(bench, options.quick ? kQuickRounds : kRounds, report);
  }
  return finish(report, options.json, pool);
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(tandem::bench::read_run_options("latency_bench", argc, argv)); }
