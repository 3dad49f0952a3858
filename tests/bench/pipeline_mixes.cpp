// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pipeline_mixes.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace tandem::bench {
namespace {

constexpr const char* kSteadyName = "steady";
const Pattern kNat4{};

Steady steady_of(PipelineWorld& world, const Trial& trial) { return {world, trial.pool, kNat4, FlowChoice::uniform(trial.live)}; }

// Rounds of both in turns, as a row of the first.
template <typename Subject>
void hold_against_steady(PipelineWorld& world, const Trial& trial, const char* name, Subject& subject) {
  Steady steady = steady_of(world, trial);
  ChunkColumns columns;
  for (std::size_t round = 0; round < trial.rounds; ++round) {
    const Chunk one = subject.chunk(), other = steady.chunk();
    if (is_warm(round, trial.rounds)) columns.add(one, other);
  }
  const std::uint64_t expected = trial.rounds * kBursts * kBurst;
  ensure(subject.sent() == expected && steady.sent() == expected);
  Row row{name, trial.size};
  columns.write(row, kSteadyName);
  trial.report.add(row);
}

// One packet of ten is the SYN of a new connection, which takes the place of one that was reset; the resets are not in the chunk.
class Newcomers {
 public:
  Newcomers(PipelineWorld& world, const Trial& trial)
      : world_{world},
        source_{trial.pool, kNat4},
        choice_{FlowChoice::uniform(trial.live)},
        first_{trial.live},
        different_{std::max<std::uint64_t>(trial.live / 10, 512)} {}

  Chunk chunk() {
    const double null = cycles_per_packet([&] { make(), rte_pktmbuf_free_bulk(burst_.data(), kBurst); });
    const std::uint64_t opened = next_;
    const double ours = cycles_per_packet([&] { make(), sent_ += world_.run(burst_, PortId{0}); });
    for (std::uint64_t number = opened; number < next_; number += kBurst) reset(number, std::min(kBurst, next_ - number));
    return {null, ours};
  }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t opened() const { return opened_; }

 private:
  void make() {
    const std::size_t opening = bursts_++ % 5 == 4 ? 4 : 3;  // 16 of 160
    const std::span<std::uint64_t> numbers{numbers_};
    number_newcomers(numbers.first(opening), next_);
    next_ += opening;
    choice_.choose(numbers.subspan(opening));
    source_.make(numbers.first(opening), std::span{burst_}.first(opening), kTcpSyn);
    source_.make(numbers.subspan(opening), std::span{burst_}.subspan(opening));
  }
  void number_newcomers(std::span<std::uint64_t> numbers, std::uint64_t from) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = first_ + (from + i) % different_;
  }
  void reset(std::uint64_t from, std::size_t count) {
    const std::span<std::uint64_t> numbers = std::span{numbers_}.first(count);
    number_newcomers(numbers, from);
    source_.make(numbers, std::span{burst_}.first(count), kTcpRst);
    opened_ += world_.run(std::span{burst_}.first(count), PortId{0});
  }

  PipelineWorld& world_;
  PacketSource source_;
  FlowChoice choice_;
  std::uint64_t first_, different_, next_ = 0, bursts_ = 0, sent_ = 0, opened_ = 0;
  std::array<std::uint64_t, kBurst> numbers_{};
  std::array<rte_mbuf*, kBurst> burst_{};
};

// Each datagram as two fragments next to each other, the first one first.
class Fragments {
 public:
  Fragments(PipelineWorld& world, const Trial& trial)
      : world_{world},
        first_{trial.pool, {.piece = Piece::first}},
        later_{trial.pool, {.piece = Piece::later}},
        choice_{FlowChoice::uniform(trial.live)} {}

  Chunk chunk() {
    const double null = cycles_per_packet([&] { make(), rte_pktmbuf_free_bulk(burst_.data(), kBurst); });
    return {null, cycles_per_packet([&] { make(), sent_ += world_.run(burst_, PortId{0}); })};
  }
  std::uint64_t sent() const { return sent_; }

 private:
  void make() {
    choice_.choose(numbers_);
    first_.make(numbers_, firsts_);
    later_.make(numbers_, laters_);
    for (std::size_t i = 0; i < numbers_.size(); ++i) burst_[2 * i] = firsts_[i], burst_[2 * i + 1] = laters_[i];
  }

  PipelineWorld& world_;
  PacketSource first_, later_;
  FlowChoice choice_;
  std::uint64_t sent_ = 0;
  std::array<std::uint64_t, kBurst / 2> numbers_{};
  std::array<rte_mbuf*, kBurst / 2> firsts_{}, laters_{};
  std::array<rte_mbuf*, kBurst> burst_{};
};

}  // namespace

void measure_zipf(PipelineWorld& world, const Trial& trial) {
  Steady zipf{world, trial.pool, kNat4, FlowChoice::zipf(trial.live)};
  hold_against_steady(world, trial, "nat ipv4, Zipf", zipf);
}

void measure_newcomers(PipelineWorld& world, const Trial& trial) {
  Newcomers newcomers{world, trial};
  const std::uint64_t before = world.counters().inserts_local.get();
  hold_against_steady(world, trial, "nat ipv4, 10 % new", newcomers);
  ensure(world.counters().inserts_local.get() - before == newcomers.opened());
}

void measure_fragments(PipelineWorld& world, const Trial& trial) {
  Fragments fragments{world, trial};
  hold_against_steady(world, trial, "nat ipv4 in two fragments", fragments);
}

}  // namespace tandem::bench
