// SPDX-License-Identifier: Apache-2.0
// How long after its first packet a connection is known to the other node, while connections are opened at a steady pace; and how
// long the other node takes to learn a million connections when it joins, while packets and connections go on.
// Open loop: clients do not wait for the worker. A connection's lag runs from the moment its packet was received to the moment at which the
// other node's worker was seen to have learned as many.
//   sync_lag_bench [quick] [--json FILE]
#include <cstdio>

#include "common/base/ensure.h"
#include "tests/bench/hugepages.h"
#include "tests/bench/report.h"
#include "tests/bench/start.h"
#include "tests/bench/sync_joining.h"
#include "tests/bench/sync_pair.h"

namespace tandem::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLive = 1'000'000;

Samples one(double value) {
  Samples samples;
  samples.add(value);
  return samples;
}

Samples lags(const SyncPair& pair, std::uint64_t known) {
  Samples microseconds;
  for (const Onlooker::Glance& glance : pair.onlooker.glances())
    for (; known < glance.inserted; ++known)
      microseconds.add(std::chrono::duration<double, std::micro>(glance.when - pair.clients.opened_at(known)).count());
  return microseconds;
}

// The workers rest while the glances are read, so that nobody writes them meanwhile.
Row lag_at(SyncPair& pair, double per_second, std::chrono::milliseconds time, const char* size) {
  ensure(pair.wait(20s, [&] { return pair.in_step() && pair.not_yet_learned() == 0; }));
  pair.node(1).stop(), pair.onlooker.forget(), pair.node(1).start();
  const std::uint64_t known = pair.clients.lasting(), lost = pair.thread(0).report().sync.records_lost;
  const std::uint64_t bytes = loopback_bytes();
  const double cpu = pair_thread_seconds();
  pair.clients.set({.lasting_per_second = per_second});
  pair.pass(time);
  const double used = pair_thread_seconds() - cpu;
  pair.clients.set({});
  pair.wait(20s, [&] { return pair.not_yet_learned() == 0; });
  pair.pass(200ms);
  pair.node(1).stop();
  const auto opened = static_cast<double>(pair.clients.lasting() - known), seconds = std::chrono::duration<double>(time).count();
  Row row{"lag", size};
  row.set("lag", lags(pair, known)).set("bytes per connection", one(static_cast<double>(loopback_bytes() - bytes) / std::max(opened, 1.0)));
  row.set("thousand records/s", one(opened / seconds / 1000)).set("both pair threads, % of a core", one(used / seconds * 100));
  row.set("records lost", one(static_cast<double>(pair.thread(0).report().sync.records_lost - lost)));
  pair.node(1).start();
  return row;
}

void measure_lag(rte_mempool* pool, const RunOptions& options, Report& report, bool hugepages) {
  SyncPair pair{pool, 4 * kLive, hugepages, report.cycles_per_second()};
  pair.begin(0), pair.begin(1);
  const std::chrono::milliseconds time = options.quick ? 500ms : 1500ms;
  report.add(lag_at(pair, 0, time, "0/s"));
  report.add(lag_at(pair, 10e3, 2 * time, "10 k/s"));
  report.add(lag_at(pair, 100e3, time, "100 k/s"));
  report.add(lag_at(pair, 300e3, time, "300 k/s"));
  report.add(lag_at(pair, 1e6, time, "1 M/s"));
}

int run(const RunOptions& options) {
  enter_own_network();
  const Hugepages reserved{std::size_t{1024} << 20};
  rte_mempool* pool = start_dpdk("sync_lag_bench", reserved.enough());
  use_all_cores();
  Report report{tsc_rate(), reserved.enough(), "microseconds", Tail::shown};
  measure_lag(pool, options, report, reserved.enough());
  measure_joining(pool, {kLive, options.quick ? 1 : 5, 0}, report, reserved.enough());
  if (!options.quick) measure_joining(pool, {kLive, 3, 2}, report, reserved.enough());
  return finish(report, options.json, pool);
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(tandem::bench::read_run_options("sync_lag_bench", argc, argv)); }
