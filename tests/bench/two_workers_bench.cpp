// SPDX-License-Identifier: Apache-2.0
// What a second worker is worth: packets a second of one, of two whose queues hold their own flows, of two that must hand every reply
// over, and of two single workers that share nothing, which is what the machine itself gives: two hardware threads of one core give
// less than two cores. A million connections in all; windows of time in turns, each ratio is of one round.
//   two_workers_bench [quick] [--json FILE]
#include <rte_eal.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/bench/full_wire.h"
#include "tests/bench/hugepages.h"
#include "tests/bench/report.h"
#include "tests/bench/start.h"
#include "tests/bench/team.h"

namespace tandem::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kLive = 1'000'000;
constexpr unsigned kCores[] = {kFirstCore, kFirstCore + 1};  // the main thread sleeps meanwhile
constexpr milliseconds kWarmUp{20}, kWindow{100};
constexpr std::size_t kRounds = 100, kQuickRounds = 20;

// A team with its wire.
struct Setting {
  Setting(rte_mempool* pool, const TeamWish& wish) : wire{pool}, team{wire, wish} { wire.divide(team.numbers_by_owner()); }
  FullWire wire;
  Team team;
};

struct Window {
  double million_packets = 0, lost = 0;  // a second; of those and the lost, %
};

Window window(std::span<Setting* const> settings, std::span<const unsigned> cores) {
  const auto forwarded = [&] {
    Forwarded sum;
    for (const Setting* one : settings) {
      const Forwarded own = one->team.forwarded();
      sum.sent += own.sent, sum.dropped += own.dropped;
    }
    return sum;
  };
  const std::size_t cores_each = cores.size() / settings.size();
  for (std::size_t i = 0; i < settings.size(); ++i) settings[i]->team.start(cores.subspan(i * cores_each, cores_each));
  std::this_thread::sleep_for(kWarmUp);
  const Forwarded before = forwarded();
  const Clock::time_point begin = Clock::now();
  std::this_thread::sleep_for(kWindow);
  const Forwarded of_window = forwarded() - before;
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  for (Setting* one : settings) one->team.stop();
  const double sent = static_cast<double>(of_window.sent), lost = static_cast<double>(of_window.dropped);
  return {sent / seconds / 1e6, 100 * lost / (sent + lost)};
}

struct Columns {
  Samples rate, times, of_apart, lost;
  void add(const Window& one, const Window& single, const Window& apart) {
    rate.add(one.million_packets), lost.add(one.lost);
    times.add(one.million_packets / single.million_packets), of_apart.add(one.million_packets / apart.million_packets);
  }
  void write(Report& report, const char* name) const {
    Row row{name, "1 M"};
    report.add(row.set("million packets/s", rate).set("× one", times).set("× two apart", of_apart).set("packets lost, %", lost));
  }
};

void measure(rte_mempool* pool, bool hugepages, std::size_t rounds, Report& report) {
  const TeamWish single{1, kLive, hugepages, report.cycles_per_second()};
  const TeamWish half{1, kLive / 2, hugepages, report.cycles_per_second()}, both{2, kLive, hugepages, report.cycles_per_second()};
  Setting one{pool, single}, apart_a{pool, half}, apart_b{pool, half}, two{pool, both};
  Setting *const alone[] = {&one}, *const apart[] = {&apart_a, &apart_b}, *const together[] = {&two};
  Columns of_one, of_apart, of_two, of_crossing;
  for (std::size_t round = 0; round < rounds; ++round) {
    const Window a = window(alone, std::span{kCores}.last(1)), b = window(apart, kCores);
    two.wire.hand_over_replies(false);
    const Window c = window(together, kCores);
    two.wire.hand_over_replies(true);
    const Window d = window(together, kCores);
    of_one.add(a, a, b), of_apart.add(b, a, b), of_two.add(c, a, b), of_crossing.add(d, a, b);
  }
  of_one.write(report, "one worker");
  of_apart.write(report, "two that share nothing");
  of_two.write(report, "two workers");
  of_crossing.write(report, "two workers, every reply handed over");
}

int run(const RunOptions& options) {
  if (std::thread::hardware_concurrency() < 2) return std::fprintf(stderr, "error: two cores are needed\n"), 1;
  const Hugepages reserved{std::size_t{768} << 20};
  rte_mempool* pool = start_dpdk("two_workers_bench", reserved.enough());
  Report report{tsc_rate(), reserved.enough(), "million packets/s"};
  measure(pool, reserved.enough(), options.quick ? kQuickRounds : kRounds, report);
  return finish(report, options.json, pool);
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(tandem::bench::read_run_options("two_workers_bench", argc, argv)); }
