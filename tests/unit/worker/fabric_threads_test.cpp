// SPDX-License-Identifier: Apache-2.0
// What workers give each other, with as many threads as there are workers. A program of its own, without DPDK, so that the thread
// sanitizer follows all of it (scripts/test sanitizers): a buffer is a number here.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "dataplane/worker/fabric.h"

namespace tandem {
namespace {

constexpr unsigned kWorkers = 4;
constexpr std::size_t kEach = 10'000, kBurst = 32;

WorkerId id(std::size_t worker) { return static_cast<WorkerId>(worker); }
rte_mbuf* buffer(std::size_t number) { return reinterpret_cast<rte_mbuf*>(number); }

class FabricWorker {
 public:
  FabricWorker(Fabric& fabric, std::size_t self) : fabric_{fabric}, self_{self} {}

  void run() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes{5};
    while (!is_done() && std::chrono::steady_clock::now() < deadline) {
      give();
      if (!take()) std::this_thread::yield();
    }
  }
  bool is_done() const { return sent_ == kEach * (kWorkers - 1) && taken_ == kEach * (kWorkers - 1); }
  std::size_t out_of_order() const { return out_of_order_; }

 private:
  // A burst to each of the others, and one stroke of its bell.
  void give() {
    for (std::size_t to = 0; to < kWorkers; ++to) {
      if (to == self_) continue;
      std::size_t burst = 0;
      for (; burst < kBurst && given_[to] < kEach; ++burst, ++given_[to], ++sent_)
        if (!fabric_.push(id(self_), id(to), {buffer(given_[to] + 1), PortId{static_cast<std::uint8_t>(self_)}})) break;
      if (burst != 0) fabric_.ring_bell(id(self_), id(to));
    }
  }

  // Only who has rung is looked at, so a stroke that got lost would be crossings that never come.
  bool take() {
    const std::uint64_t rung = fabric_.answer_bell(id(self_));
    for (std::size_t from = 0; from < kWorkers; ++from) {
      if ((rung >> from & 1) == 0) continue;
      for (Crossing crossing; fabric_.between(id(from), id(self_)).pop(crossing); ++taken_)
        out_of_order_ += crossing.mbuf != buffer(++got_[from]) || index(crossing.port) != from;
    }
    return rung != 0;
  }

  Fabric& fabric_;
  std::size_t self_, sent_ = 0, taken_ = 0, out_of_order_ = 0;
  std::array<std::size_t, kWorkers> given_{}, got_{};
};

TEST(FabricThreads, EveryCrossingArrivesInItsOrder) {
  Fabric fabric{kWorkers, 64};
  std::vector<FabricWorker> workers;
  for (std::size_t self = 0; self < kWorkers; ++self) workers.emplace_back(fabric, self);
  {
    std::vector<std::jthread> threads;
    for (FabricWorker& worker : workers) threads.emplace_back([&worker] { worker.run(); });
  }
  for (const FabricWorker& worker : workers) {
    EXPECT_TRUE(worker.is_done());
    EXPECT_EQ(worker.out_of_order(), 0U);
  }
}

}  // namespace
}  // namespace tandem
