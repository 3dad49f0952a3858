// SPDX-License-Identifier: Apache-2.0
// What a change of configuration does to the packets: a worker under full load, 1 M connections to 1000 services of 10 backends,
// and a publisher on another core. Windows of time come in pairs, in random order: one with a publication in it, one without. The
// longest loop of the one less that of the other is what publishing added; on a machine that is shared, both hold what the
// neighbours did, so pairs of two windows without any publication are measured beside them: the noise to read the others by.
//   reload_bench [quick] [--json FILE]
#include <cstdio>
#include <functional>
#include <random>

#include "common/base/ensure.h"
#include "tests/bench/hugepages.h"
#include "tests/bench/report.h"
#include "tests/bench/start.h"
#include "tests/bench/watched_worker.h"

namespace tandem::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Window = std::chrono::milliseconds;

constexpr std::uint64_t kLive = 1'000'000;
constexpr unsigned kWorkerCore = kFirstCore + 1;
constexpr std::size_t kPairs = 100, kQuickReloads = 20, kKinds = 3, kWarmUps = 3;

double us_since(Clock::time_point begin) { return std::chrono::duration<double, std::micro>(Clock::now() - begin).count(); }

// The changes, each its own opposite when made a second time.
class Changes {
 public:
  explicit Changes(ThousandServices& services) : services_{services} {}

  void backend_state() {
    if (up_) service_ = static_cast<int>(chance_() % kServices);
    up_ = !up_;
    ensure(services_.builder.set_state(service_name(service_), backend_name(3), {.check_up = up_}));
    services_.publish();
  }
  void reload() {
    static constexpr int kChanged = 10;
    added_ = !added_;
    for (int s = 0; s < kChanged; ++s) {
      auto& backends = services_.config.service[static_cast<std::size_t>(s)].backend;
      if (added_) backends.push_back({"backend-new", {v4(0x0a00ff00u + static_cast<std::uint32_t>(s)), kServicePort}, 1});
      else backends.pop_back();
    }
    const Instant now{std::chrono::seconds{++reloads_}};
    if (!services_.builder.set_config(services_.config, now)) std::abort();
    services_.publish();
  }

 private:
  ThousandServices& services_;
  std::mt19937 chance_{1};
  bool up_ = true, added_ = false;
  int service_ = 0, reloads_ = 0;
};

struct Pair {
  std::size_t with, without;
};
struct Measured {
  std::vector<Pair> pairs;
  Samples work_us;
};

Measured measure_pairs(WatchedWorker& worker, std::size_t pairs, Window length, const std::function<void()>& work) {
  std::mt19937 chance{2};
  Measured measured;
  const auto window = [&](bool with) {
    const Clock::time_point begin = Clock::now();
    const std::size_t number = worker.open_window();
    std::this_thread::sleep_for(length / 10);
    if (with && work) {
      const Clock::time_point publication = Clock::now();
      work();
      measured.work_us.add(us_since(publication));
    }
    std::this_thread::sleep_until(begin + length);
    worker.close_window();
    return number;
  };
  for (std::size_t i = 0; i < pairs; ++i) {
    Pair pair{};
    const bool first = chance() % 2 == 0;
    (first ? pair.with : pair.without) = window(first);
    (first ? pair.without : pair.with) = window(!first);
    measured.pairs.push_back(pair);
  }
  return measured;
}

Row row_of(const char* name, Window length, const WatchedWorker& worker, const Measured& measured) {
  Samples with, without, difference;
  for (const Pair& pair : measured.pairs) {
    with.add(worker.longest_us(pair.with)), without.add(worker.longest_us(pair.without));
    difference.add(worker.longest_us(pair.with) - worker.longest_us(pair.without));
  }
  Row row{name, std::to_string(length.count()) + " ms"};
  if (!measured.work_us.empty()) row.set("work", measured.work_us);
  return row.set("longest with", with).set("longest without", without).set("difference", difference);
}

// Windows must hold the whole work of a reload, and be equal.
Window window_for_reloads(Changes& changes) {
  double longest_us = 0;
  for (std::size_t i = 0; i < 2 * kWarmUps; ++i) {
    const Clock::time_point begin = Clock::now();
    changes.reload();
    longest_us = std::max(longest_us, us_since(begin));
  }
  return Window{20 + static_cast<long>(2 * longest_us / 1000)};
}

int run(const RunOptions& options) {
  if (std::thread::hardware_concurrency() < 2) return std::fprintf(stderr, "error: two cores are needed\n"), 1;
  const Hugepages reserved{std::size_t{512} << 20};
  rte_mempool* pool = start_dpdk("reload_bench", reserved.enough());
  Report report{tsc_rate(), reserved.enough(), "microseconds", Tail::shown};
  {
    ThousandServices services{1};
    FullLoad load{pool, kLive};
    WatchedWorker worker{services, load, kLive, reserved.enough(), report.cycles_per_second(), 2 * kPairs * kKinds};
    Changes changes{services};
    worker.start(kWorkerCore);
    constexpr Window kShort{20};
    const Window length = window_for_reloads(changes);
    const Measured nothing = measure_pairs(worker, kPairs, kShort, nullptr);
    const Measured states = measure_pairs(worker, kPairs, kShort, [&] { changes.backend_state(); });
    const Measured reloads = measure_pairs(worker, options.quick ? kQuickReloads : kPairs, length, [&] { changes.reload(); });
    worker.stop();
    report.add(row_of("nothing published: the noise", kShort, worker, nothing));
    report.add(row_of("a backend's state", kShort, worker, states));
    report.add(row_of("reload of 1000 services", length, worker, reloads));
    std::printf("%llu loops\n", static_cast<unsigned long long>(worker.loops()));
  }
  return finish(report, options.json, pool);
}

}  // namespace
}  // namespace tandem::bench

int main(int argc, char** argv) { return tandem::bench::run(tandem::bench::read_run_options("reload_bench", argc, argv)); }
