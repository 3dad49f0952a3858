// SPDX-License-Identifier: Apache-2.0
#include "common/base/ensure.h"
#include "tests/bench/pipeline_mixes.h"

namespace tandem::bench {
namespace {

constexpr std::uint32_t kPrefixes = 1'000'000, kStep = 4294;  // over all of IPv4's addresses

// Every kStep-th address is denied; the network's clients lie between.
std::shared_ptr<const GuardView> million_denied() {
  std::vector<Boundary<std::uint32_t>> boundaries;
  for (std::uint32_t i = 0; i < kPrefixes; ++i) {
    const std::uint32_t address = i * kStep + kStep / 2;
    boundaries.push_back({address, rule_word(32, false)});
    boundaries.push_back({address + 1, RuleWord::none});
  }
  auto rules = std::make_shared<PrefixRules>();
  rules->v4.replace(boundaries.front().from, boundaries.back().from, boundaries);
  auto view = std::make_shared<GuardView>();
  view->everywhere = std::move(rules);
  return view;
}

// SYNs of denied clients, each from another, all of whom lie behind the network's own.
class Denied {
 public:
  Denied(PipelineWorld& world, const Trial& trial) : world_{world}, source_{trial.pool, {}} {}

  double cycles_each() {
    std::uint64_t cycles = 0;
    for (std::size_t i = 0; i < kBursts; ++i) {
      make();
      const std::uint64_t start = cycles_now();
      const std::size_t sent = world_.run(burst_, PortId{0});
      cycles += cycles_now() - start;
      ensure(sent == 0);
      dropped_ += kBurst;
    }
    return static_cast<double>(cycles) / kPackets;
  }
  std::uint64_t dropped() const { return dropped_; }

 private:
  static constexpr std::uint32_t kOwn = first_client_of(ServiceKind{}), kFirst = (kOwn / kStep + 1) * kStep + kStep / 2;
  static constexpr std::uint64_t kSources = 300'000, kStride = 10'007;  // below 127.0.0.0; neighbours in time are none in the list

  void make() {
    for (std::uint64_t& number : numbers_) {
      const std::uint64_t client = kFirst + next_ * kStep;
      number = (client - kOwn) * kClientPorts;
      next_ = (next_ + kStride) % kSources;
    }
    source_.make(numbers_, burst_, kTcpSyn);
  }

  PipelineWorld& world_;
  PacketSource source_;
  std::uint64_t next_ = 0, dropped_ = 0;
  std::array<std::uint64_t, kBurst> numbers_{};
  std::array<rte_mbuf*, kBurst> burst_{};
};

}  // namespace

void measure_deny_list(const Trial& trial) {
  const PipelineRoom room{.connections4 = trial.live + trial.live / 16 + 1024, .hugepages = trial.hugepages};
  PipelineWorld open{room}, guarded{room};
  open.fill({}, trial.live), guarded.fill({}, trial.live);
  guarded.guard(million_denied());
  Steady in_open{open, trial.pool, {}, FlowChoice::uniform(trial.live)},
      in_guarded{guarded, trial.pool, {}, FlowChoice::uniform(trial.live)};
  Denied denied{guarded, trial};
  ChunkColumns columns;
  Samples added, syn;
  for (std::size_t round = 0; round < trial.rounds; ++round) {
    const Chunk one = in_guarded.chunk(), other = in_open.chunk();
    const double each = denied.cycles_each();
    if (is_warm(round, trial.rounds)) columns.add(one), added.add(one.difference() - other.difference()), syn.add(each);
  }
  ensure(in_guarded.sent() == in_open.sent() && guarded.counters().dropped[index(DropReason::denied)].get() == denied.dropped());
  Row row{"nat ipv4 beside a deny list of 1 M", trial.size};
  columns.write(row);
  row.set("added", added).set("a denied SYN", syn);
  trial.report.add(row);
}

}  // namespace tandem::bench
