// SPDX-License-Identifier: Apache-2.0
// The same with real threads: rings, doorbells and generations under way while both run.
#include <thread>

#include "dataplane/worker/crew.h"
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

// One ring per receive queue, filled by the test's thread; what is sent is counted and freed.
class RingWire final : public Wire {
 public:
  bool offer(std::uint16_t queue, rte_mbuf* mbuf) { return queues_[queue].push(mbuf); }
  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override {
    std::uint16_t count = 0;
    while (port == PortId{0} && count < room && queues_[queue].pop(burst[count])) ++count;
    return count;
  }
  std::uint16_t send(PortId, std::uint16_t, rte_mbuf** burst, std::uint16_t count) noexcept override {
    for (std::uint16_t i = 0; i < count; ++i) rte_pktmbuf_free(burst[i]);
    sent.fetch_add(count);
    return count;
  }
  std::atomic<unsigned> sent{0};

 private:
  std::array<SpscRing<rte_mbuf*>, 2> queues_{SpscRing<rte_mbuf*>{128}, SpscRing<rte_mbuf*>{128}};
};

void run_flows(unsigned queues, unsigned workers) {
  RingWire wire;
  World world = web_world();
  Herd herd{world, {.workers = workers, .queues = {{queues, queues}, {queues, queues}}}, &wire};
  Crew crew;
  const Result<> started = crew.start(herd.workers, {});
  ASSERT_TRUE(started) << started.error().message;
  constexpr unsigned kFlows = 20'000;
  for (unsigned flow = 0; flow < kFlows; ++flow) {
    while (buffers_in_use() > 800) std::this_thread::yield();
    rte_mbuf* const mbuf = to_mbuf(syn(flow).bytes());
    while (!wire.offer(static_cast<std::uint16_t>(flow % queues), mbuf)) std::this_thread::yield();
    if (flow % 1000 == 0) herd.publish();
  }
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  // A ring may be full while its reader has no CPU: such packets have names too.
  const auto accounted = [&] { return wire.sent + herd.dropped(DropReason::handover_full) + herd.dropped(DropReason::tx_refused); };
  while (accounted() < kFlows && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
  const auto before = std::chrono::steady_clock::now();
  crew.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 200ms);
  EXPECT_EQ(accounted(), kFlows);
  EXPECT_EQ(herd.connections() + herd.dropped(DropReason::handover_full), kFlows);
  herd.publisher.collect();
  EXPECT_EQ(herd.publisher.unreclaimed(), 0U) << "workers that have ended hold no generation";
}

TEST(Threads, TwoWorkersWithQueuesOfTheirOwnLoseNothing) { run_flows(2, 2); }
TEST(Threads, TwoWorkersThroughOneOwnersRingsLoseNothing) { run_flows(1, 2); }
TEST(Threads, FourWorkersOnOneQueueLoseNothing) { run_flows(1, 4); }
TEST(Threads, FourWorkersOnTwoQueuesLoseNothing) { run_flows(2, 4); }

TEST(Threads, ASleepingWorkerProgressesAndHoldsNoGeneration) {
  RingWire wire;
  World world = web_world();
  Herd herd{world, {}, &wire};
  Crew crew;
  ASSERT_TRUE(crew.start(herd.workers, {}));
  std::this_thread::sleep_for(20ms);
  const std::uint64_t before = herd.workers[0]->state().counters().progress.get();
  for (int i = 0; i < 20; ++i) {
    herd.publish();  // refused after 8 that somebody may still read
    std::this_thread::sleep_for(2ms);
  }
  EXPECT_GT(herd.workers[0]->state().counters().progress.get(), before + 50) << "asleep for 50 us at a time";
  crew.stop();
}

TEST(Threads, ACoreThatIsNotThereIsAnErrorAndNobodyIsLeftRunning) {
  RingWire wire;
  World world = web_world();
  Herd herd{world, {}, &wire};
  Crew crew;
  const std::array<unsigned, 2> cores{0, 1000};
  const Result<> started = crew.start(herd.workers, cores);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "worker-1: core 1000 is not there, or not for this process");
  const std::uint64_t progress = herd.workers[0]->state().counters().progress.get();
  std::this_thread::sleep_for(5ms);
  EXPECT_EQ(herd.workers[0]->state().counters().progress.get(), progress);
}

}  // namespace
}  // namespace tandem::test
