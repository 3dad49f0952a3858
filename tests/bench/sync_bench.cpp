// SPDX-License-Identifier: Apache-2.0
// What it costs to tell the other node of a connection, stage by stage: the worker that made it, the pair's thread that lays it out, seals
// and sends it, the other's that receives, opens and hands it on, the worker that learns it, and the acknowledgement. One thread takes all
// stages in turn, each for some thousand new connections, with the clock read between them; both tables hold a million. Rows of the
// two pair's threads are sums of their stages: what a core that does nothing else can carry.
//   sync_bench [quick] [--json FILE]
#include <cstdio>

#include "common/base/ensure.h"
#include "tests/bench/hugepages.h"
#include "tests/bench/report.h"
#include "tests/bench/start.h"
#include "tests/bench/sync_stages.h"

namespace tandem::bench {
namespace {

constexpr std::uint64_t kLive = 1'000'000;
constexpr int kRounds = 200, kQuickRounds = 60;

// One core's share of a second, in million records.
Row with_rate(Row row, const Samples& cycles, double tsc_hz) {
  Samples rate;
  for (const double part : {0.1, 0.5, 0.9}) rate.add(tsc_hz / cycles.quantile(part) / 1e6);
  return row.set("cycles", cycles).set("million records/s", rate);
}

int run(const RunOptions& options) {
  const Hugepages reserved{std::size_t{768} << 20};
  rte_mempool* pool = start_dpdk("sync_bench", reserved.enough());
  Report report{tsc_rate(), reserved.enough(), "TSC cycles per record"};
  {
    SyncStages stages{pool, 3 * kLive, reserved.enough(), report.cycles_per_second()};
    stages.fill(kLive);
    for (int round = 0; round < (options.quick ? kQuickRounds : kRounds); ++round) stages.round();
    stages.walk();
    for (const SyncStages::Stage& stage : stages.stages()) report.add(Row{stage.name, "1 M"}.set("cycles", stage.cycles));
    for (const SyncStages::Stage& sum : stages.sums()) report.add(with_rate(Row{sum.name, "1 M"}, sum.cycles, report.cycles_per_second()));
    report.add(Row{"a new connection on the wire", "IPv4"}.set("bytes", stages.wire_bytes()));
  }
  return finish(report, options.json, pool);
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(tandem::bench::read_run_options("sync_bench", argc, argv)); }
