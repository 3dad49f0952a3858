// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/sync_joining.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "tests/bench/sync_pair.h"

namespace tandem::bench {
namespace {

using namespace std::chrono_literals;

// As many brief connections end as are opened, once the first have ended.
constexpr PacedClients::Pace kPace{.lasting_per_second = 0, .brief_per_second = 10'000, .known_per_second = 100'000};
constexpr auto kUntilTheyEnd = 4s, kUndisturbed = 2s;

struct Joined {
  double seconds = 0, walk_seconds = 0, lost_percent = 0, lost_without_percent = 0, differing = 0;
};

class Joining {
 public:
  Joining(rte_mempool* pool, std::uint64_t live, bool hugepages, double tsc_hz) : pair_{pool, 2 * live, hugepages, tsc_hz}, live_{live} {
    pair_.begin(0);
    ensure(pair_.wait(10s, [&] { return pair_.thread(0).report().groups.at(0).active; }));
    pair_.clients.open(live);
    ensure(pair_.wait(30s, [&] { return pair_.clients.lasting() == live; }));
    pair_.clients.set(kPace);
    pair_.pass(kUntilTheyEnd);
  }

  double lost_percent(std::uint64_t offered, std::uint64_t lost) const {
    const auto gone = static_cast<double>(pair_.clients.lost() - lost), came = static_cast<double>(pair_.clients.offered() - offered);
    return gone / std::max(gone + came, 1.0) * 100;
  }
  double undisturbed_percent() {
    const std::uint64_t offered = pair_.clients.offered(), lost = pair_.clients.lost();
    pair_.pass(kUndisturbed);
    return lost_percent(offered, lost);
  }

  // The second node comes; ends when the first knows that it has all. The teller is killed so often, each time some way further.
  Joined join(unsigned kills) {
    Joined out{.lost_without_percent = undisturbed_percent()};
    const std::uint64_t offered = pair_.clients.offered(), lost = pair_.clients.lost();
    const auto begun = WallClock::now();
    pair_.begin(1);
    for (unsigned kill = 1; kill <= kills; ++kill) {
      const std::uint64_t part = live_ * kill / (kills + 1);
      ensure(pair_.wait(30s, [&] { return pair_.node(1).applied(SyncOutcome::inserted) >= part; }));
      pair_.end(0), pair_.begin(0);
    }
    ensure(pair_.wait(60s, [&] { return pair_.in_step(); }));
    out.seconds = std::chrono::duration<double>(WallClock::now() - begun).count();
    out.walk_seconds = pair_.thread(0).report().sync.walk_seconds, out.lost_percent = lost_percent(offered, lost);
    out.differing = static_cast<double>(differing());
    return out;
  }

 private:
  // Once nothing changes any more. Whole tables, by their sums over every entry's ends.
  std::uint64_t differing() {
    pair_.clients.set({});
    pair_.pass(kUntilTheyEnd);
    pair_.node(0).stop(), pair_.node(1).stop();
    const auto [count, sum] = content(pair_.node(0));
    const auto [others, other_sum] = content(pair_.node(1));
    return count != others ? std::max(count, others) - std::min(count, others) : (sum != other_sum ? 1 : 0);
  }
  static std::pair<std::uint64_t, std::uint64_t> content(SyncNode& node) {
    ConnTable4& table = node.worker().state().table4();
    std::uint64_t count = 0, sum = 0;
    table.walk(0, table.slots(), [&](ConnEntry4& entry) {
      const std::uint64_t client = std::uint64_t{entry.client.value.host()} << 16 | entry.client_port.host();
      sum += (client * 0x9e3779b97f4a7c15ULL) ^ (std::uint64_t{entry.backend.value.host()} << 16 | entry.vip_port.host());
      ++count;
    });
    return {count, sum};
  }

  SyncPair pair_;
  std::uint64_t live_;
};

}  // namespace

void measure_joining(rte_mempool* pool, const JoiningPlan& plan, Report& report, bool hugepages) {
  Samples seconds, walk, lost, without, differing;
  for (int turn = 0; turn < plan.turns; ++turn) {
    const Joined joined = Joining{pool, plan.live, hugepages, report.cycles_per_second()}.join(plan.kills);
    seconds.add(joined.seconds), walk.add(joined.walk_seconds), lost.add(joined.lost_percent);
    without.add(joined.lost_without_percent), differing.add(joined.differing);
  }
  Row row{plan.kills == 0 ? "a node joins" : "a node joins, teller killed twice", "1 M"};
  row.set("seconds until in step", seconds).set("seconds of the last walk", walk).set("packets lost, %", lost);
  report.add(row.set("packets lost before, %", without).set("entries that differ", differing));
}

}  // namespace tandem::bench
