// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/team.h"

#include "common/base/ensure.h"
#include "dataplane/lb/owner.h"
#include "tests/bench/pipeline_network.h"

namespace tandem::bench {
namespace {

const ServiceKind kNat4{};

std::vector<std::vector<std::uint32_t>> divide(const Generation& generation, unsigned workers, std::uint64_t live) {
  const TableHasher hasher{generation.keys.table};
  std::vector<std::vector<std::uint32_t>> numbers(workers);
  for (std::uint32_t number = 0; number < live; ++number) {
    const WorkerId owner = owner_of(static_cast<std::uint32_t>(hash_of(hasher, kNat4, number) >> 32), generation.owners);
    numbers[index(owner)].push_back(number);
  }
  return numbers;
}

}  // namespace

Team::Team(Wire& wire, const TeamWish& wish) : publisher_{wish.workers}, fabric_{wish.workers}, network_{pipeline_network(0)} {
  network_.workers = wish.workers;
  std::unique_ptr<Generation> first = network_.generation();
  numbers_ = divide(*first, wish.workers, wish.live);
  const std::vector<QueueCount> ports(network_.ports.size(), {wish.workers, wish.workers});
  const WorkerSurroundings around{
      wire, publisher_, clock_, fabric_, punt_rates_, punt_bell_, losses_, pair_, static_cast<std::uint64_t>(wish.tsc_hz)};
  for (unsigned w = 0; w < wish.workers; ++w) {
    const auto id = static_cast<WorkerId>(w);
    const std::uint64_t own = numbers_[w].size();
    auto state = WorkerState::make(id, {own + own / 16 + 1024, 1024, wish.hugepages}, first->keys.table,
                                   std::make_shared<WorkerTallies>(kServices.size() * kServers));
    ensure(state.has_value());
    WorkerContext context = (*state)->context();
    context.generation = first.get();
    for (const std::uint32_t number : numbers_[w]) establish(context, kNat4, number);
    workers_.push_back(std::make_unique<Worker>(
        id, around, WorkerDuties{rx_queues_of(id, ports, wish.workers), tx_ways_of(id, ports, wish.workers), 0, false}, std::move(*state)));
  }
  ensure(publisher_.publish(std::move(first)).has_value());
}

Team::~Team() {
  stop();
  for (bool arriving = true; arriving;) {
    arriving = false;
    for (const auto& worker : workers_) arriving |= worker->settle();
  }
  for (const auto& worker : workers_) worker->abandon();
}

void Team::start(std::span<const unsigned> cores) { ensure(crew_.start(workers_, cores).has_value()); }

Forwarded Team::forwarded() const {
  Forwarded sum;
  for (const auto& worker : workers_) {
    const WorkerCounters& counters = worker->state().counters();
    sum.sent += counters.tx.get(), sum.busy_cycles += counters.busy_tsc.get(), sum.cycles += counters.total_tsc.get();
    for (const Counter& reason : counters.dropped) sum.dropped += reason.get();
    ensure(counters.lookups_miss.get() == 0);  // nobody's connection was forgotten
  }
  return sum;
}

}  // namespace tandem::bench
