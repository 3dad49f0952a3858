// SPDX-License-Identifier: Apache-2.0
// Whole workers over a wire of vectors, turned by hand or by threads, with the clock in the test's hand.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

#include "dataplane/observe/watch_keeper.h"
#include "dataplane/worker/worker.h"
#include "tests/support/buffers.h"
#include "tests/support/world.h"

namespace tandem::test {

// Receives what offer() put there; keeps what is sent, by port and queue, until the test takes it.
class FakeWire final : public Wire {
 public:
  void offer(PortId port, std::uint16_t queue, rte_mbuf* mbuf) { waiting_[{index(port), queue}].push_back(mbuf); }
  void refuse_all(bool refuse) { refuse_ = refuse; }

  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override {
    std::deque<rte_mbuf*>& waiting = waiting_[{index(port), queue}];
    std::uint16_t count = 0;
    for (; count < room && !waiting.empty(); waiting.pop_front()) burst[count++] = waiting.front();
    return count;
  }
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override {
    if (refuse_) return 0;
    ++calls;
    for (std::uint16_t i = 0; i < count; ++i) sent[{index(port), queue}].push_back(take(burst[i]));
    return count;
  }

  std::vector<Bytes> all_sent(PortId port) const {
    std::vector<Bytes> all;
    for (const auto& [at, frames] : sent)
      if (at.first == index(port)) all.insert(all.end(), frames.begin(), frames.end());
    return all;
  }

  std::map<std::pair<std::size_t, std::uint16_t>, std::vector<Bytes>> sent;
  std::size_t calls = 0;

 private:
  std::map<std::pair<std::size_t, std::uint16_t>, std::deque<rte_mbuf*>> waiting_;
  bool refuse_ = false;
};

struct HerdOptions {
  unsigned workers = 2;
  std::vector<QueueCount> queues{{2, 2}, {2, 2}};  // of the world's two ports
  std::size_t handover_ring = 256;
  std::array<std::uint32_t, kPuntClasses> punt_rates{2000, 10000, 1000};
  bool punt_reserve = true;
  std::uint64_t connections = 120'000;  // a worker; half-open ones, which these flows are, may take a quarter
};

class Herd {
 public:
  Herd(World& world, const HerdOptions& options = {}) : Herd{world, options, nullptr} {}
  Herd(World& world, const HerdOptions& options, Wire* other_wire, const Clock* other_clock = nullptr)
      : world_{world},
        publisher{options.workers},
        board{options.workers},
        keeper{board, options.workers},
        fabric_{options.workers, options.handover_ring},
        rates_{options.punt_rates, options.punt_reserve} {
    EXPECT_EQ(buffers_in_use(), 0U);  // and DPDK is up, which threads need
    world.workers = options.workers;
    clock.set(Instant{std::chrono::seconds{1000}});
    std::unique_ptr<Generation> first = world.generation();
    for (unsigned w = 0; w < options.workers; ++w) {
      tallies_.push_back(std::make_shared<WorkerTallies>(64));
      backends_of_all_.push_back(tallies_.back()->backends().data());
    }
    const WorkerSurroundings around{other_wire != nullptr ? *other_wire : wire,
                                    publisher,
                                    other_clock != nullptr ? *other_clock : clock,
                                    fabric_,
                                    rates_,
                                    bell,
                                    losses,
                                    pair,
                                    1'000'000'000,
                                    backends_of_all_,
                                    test_pool(),
                                    nullptr,
                                    &board};
    for (unsigned w = 0; w < options.workers; ++w) {
      const auto id = static_cast<WorkerId>(w);
      auto state = WorkerState::make(id, {options.connections, 1000, false}, first->keys.table, tallies_[w]);
      workers.push_back(std::make_unique<Worker>(
          id, around,
          WorkerDuties{rx_queues_of(id, options.queues, options.workers), tx_ways_of(id, options.queues, options.workers), 0, true},
          std::move(*state)));
    }
    EXPECT_TRUE(publisher.publish(std::move(first)));
  }
  ~Herd() {
    for (int round = 0; round < 100; ++round)
      for (const auto& worker : workers) worker->settle();
    for (const auto& worker : workers) worker->abandon();
    expect_balance();
    EXPECT_EQ(buffers_in_use(), 0U) << "a buffer was lost";
  }
  Herd(const Herd&) = delete;
  Herd& operator=(const Herd&) = delete;

  void publish() { ASSERT_TRUE(publisher.publish(world_.generation())); }
  void offer(PortId port, std::uint16_t queue, const Frame& frame) { wire.offer(port, queue, to_mbuf(frame.bytes())); }
  // Until nobody has anything to do; 1000 rounds at most.
  void turn() {
    for (int round = 0; round < 1000; ++round) {
      bool busy = false;
      for (const auto& worker : workers) busy |= worker->turn();
      if (!busy) return;
    }
    ADD_FAILURE() << "the workers find no rest";
  }

  template <typename Pick>
  std::uint64_t sum(Pick pick) const {
    std::uint64_t all = 0;
    for (const auto& worker : workers) all += pick(worker->state().counters()).get();
    return all;
  }
  std::uint64_t dropped(DropReason reason) const {
    return sum([&](const WorkerCounters& c) -> const Counter& { return c.dropped[static_cast<std::size_t>(reason)]; });
  }
  std::uint64_t punted(PuntClass punt_class) const {
    return sum([&](const WorkerCounters& c) -> const Counter& { return c.punted[static_cast<std::size_t>(punt_class)]; });
  }
  std::uint64_t handed_in() const {
    return sum([](const WorkerCounters& c) -> const Counter& { return c.handover_in; });
  }
  std::uint64_t handed_out() const {
    return sum([](const WorkerCounters& c) -> const Counter& { return c.handover_out; });
  }
  std::size_t waiting(unsigned from, unsigned to) { return fabric_.between(static_cast<WorkerId>(from), static_cast<WorkerId>(to)).size(); }
  std::uint64_t opened_at(std::size_t worker, BackendSlot slot) const { return tallies_[worker]->backend(slot).new_connections.get(); }
  std::uint64_t connections() const {
    std::uint64_t all = 0;
    for (const auto& worker : workers) all += worker->state().table4().size();
    return all;
  }

  // design.md: rx + injected + originated = tx + consumed + punted + dropped + held, and handed in = out, when nothing is under way.
  void expect_balance() const {
    std::uint64_t in = 0, out = 0;
    for (const auto& worker : workers) {
      const WorkerCounters& c = worker->state().counters();
      in += c.rx.get() + c.injected.get() + c.originated.get();
      out += c.tx.get() + c.consumed.get() + c.held.get();
      for (const Counter& count : c.punted) out += count.get();
      for (const Counter& count : c.dropped) out += count.get();
    }
    EXPECT_EQ(in, out) << "the balance does not hold";
    EXPECT_EQ(handed_in(), handed_out());
  }

 private:
  World& world_;

 public:
  ManualClock clock;
  FakeWire wire;
  Publisher publisher;
  Bell bell;
  PortLosses losses;
  PairDesk pair;
  WatchBoard board;
  WatchKeeper keeper;

 private:
  Fabric fabric_;
  PuntRates rates_;
  std::vector<std::shared_ptr<WorkerTallies>> tallies_;
  std::vector<const BackendCounters*> backends_of_all_;

 public:
  std::vector<std::unique_ptr<Worker>> workers;
};

inline World web_world() {
  World world = two_port_world();
  world.services.push_back(nat_service("10.0.0.100:80", {"10.0.1.11:80", "10.0.1.12:80", "10.0.1.13:80"}));
  return world;
}

// The flow's number makes client address and port, both from behind the gateway.
inline std::string client_of(unsigned flow) { return "192.0.2." + std::to_string(1 + flow % 250); }
inline std::uint16_t port_of(unsigned flow) { return static_cast<std::uint16_t>(1024 + flow / 250); }
inline Frame syn(unsigned flow) {
  return frame().eth(kNode0, kGateway).ipv4(client_of(flow), "10.0.0.100").tcp(port_of(flow), 80, kTcpSyn).payload(0);
}

}  // namespace tandem::test
