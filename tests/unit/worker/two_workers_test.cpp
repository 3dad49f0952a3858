// SPDX-License-Identifier: Apache-2.0
// Two workers share flows by arithmetic, whatever queue a packet came by.
#include <random>
#include <set>

#include "tests/support/packet_text.h"
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

constexpr unsigned kFlows = 10'000;

// Each flow's SYN by a queue that knows nothing of owners; turned now and then, so that no more buffers are out than there are.
void offer_flows(Herd& herd, unsigned flows, unsigned queues) {
  std::mt19937 random{7};
  for (unsigned flow = 0; flow < flows; ++flow) {
    herd.offer(PortId{0}, static_cast<std::uint16_t>(random() % queues), syn(flow));
    if (flow % 64 == 63) herd.turn();
  }
  herd.turn();
}

void expect_fair_shares(Herd& herd) {
  for (const auto& worker : herd.workers) {
    const double share = static_cast<double>(worker->state().table4().size()) / kFlows;
    EXPECT_GE(share, 0.3) << "worker " << index(worker->id());
    EXPECT_LE(share, 0.7) << "worker " << index(worker->id());
  }
  EXPECT_EQ(herd.connections(), kFlows) << "each flow is somebody's, and of one alone";
  EXPECT_EQ(herd.wire.all_sent(PortId{1}).size(), kFlows);
}

TEST(TwoWorkers, EachOwnsItsShareOverPortsWithTwoQueues) {
  World world = web_world();
  Herd herd{world};
  offer_flows(herd, kFlows, 2);
  expect_fair_shares(herd);
  const double handed = static_cast<double>(herd.handed_out()) / kFlows;
  EXPECT_GT(handed, 0.4) << "queues disagree with owners half the time";
  EXPECT_LT(handed, 0.6);
  EXPECT_EQ(herd.handed_in(), herd.handed_out());
}

TEST(TwoWorkers, EachOwnsItsShareOverPortsWithOneQueue) {
  World world = web_world();
  Herd herd{world, {.queues = {{1, 1}, {1, 1}}}};
  offer_flows(herd, kFlows, 1);
  expect_fair_shares(herd);
}

TEST(TwoWorkers, OnlyTheOwnerOfAQueueSendsByIt) {
  World world = web_world();
  Herd herd{world, {.queues = {{1, 1}, {1, 1}}}};
  offer_flows(herd, 1000, 1);
  // Port 1's queue is worker 1's: its tx counts every packet to the servers, whoever forwarded it.
  EXPECT_EQ(herd.workers[1]->state().counters().tx.get(), 1000U);
  EXPECT_EQ(herd.workers[0]->state().counters().tx.get(), 0U);
}

TEST(TwoWorkers, OneAloneHandsNothingOver) {
  World world = web_world();
  Herd herd{world, {.workers = 1, .queues = {{1, 1}, {1, 1}}}};
  offer_flows(herd, 1000, 1);
  EXPECT_EQ(herd.handed_out(), 0U);
  EXPECT_EQ(herd.connections(), 1000U);
}

// The first flows that this worker comes to own: owners follow from the seed, which all worlds of these tests share.
std::vector<unsigned> flows_of(std::size_t worker, std::size_t count) {
  World world = web_world();
  Herd probe{world};
  std::vector<unsigned> flows;
  for (unsigned flow = 0; flows.size() < count; ++flow) {
    const std::size_t before = probe.workers[worker]->state().table4().size();
    probe.offer(PortId{0}, 0, syn(flow)), probe.turn();
    if (probe.workers[worker]->state().table4().size() > before) flows.push_back(flow);
  }
  return flows;
}

TEST(TwoWorkers, EachWeighsWhatTheOtherHasOpened) {
  constexpr std::size_t kEach = 40;
  const std::vector<unsigned> firsts = flows_of(0, kEach), seconds = flows_of(1, kEach);
  World world = web_world();
  world.services[0].scheduler = SchedulerKind::least_connections;
  const auto all_but_one = [&](BackendState state) { world.services[0].backends[1].state = world.services[0].backends[2].state = state; };
  all_but_one(BackendState::down);
  Herd herd{world};
  const auto at_the_one = [&](std::size_t worker) { return herd.opened_at(worker, BackendSlot{0}); };
  for (const unsigned flow : firsts) herd.offer(PortId{0}, 0, syn(flow)), herd.turn();
  EXPECT_EQ(at_the_one(0), kEach);
  all_but_one(BackendState::up);
  herd.publish();
  for (const unsigned flow : seconds) herd.offer(PortId{0}, 0, syn(flow)), herd.turn();
  EXPECT_EQ(at_the_one(1), 0U) << "this worker has opened nothing there, and still passes it by";
}

// The same frames through one worker and through two whose queues disagree: what leaves is the same, byte for byte.
TEST(TwoWorkers, HandingOverChangesNoByte) {
  const auto replies = [](unsigned workers) {
    World world = web_world();
    world.services[0].backends.resize(1);  // one backend, so that the order of arrival cannot matter
    Herd herd{world, {.workers = workers, .queues = {{workers, workers}, {workers, workers}}}};
    for (unsigned flow = 0; flow < 200; ++flow) {
      herd.offer(PortId{0}, static_cast<std::uint16_t>(flow % workers), syn(flow).payload(flow % 90));
      herd.turn();
      const Frame answer = frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", client_of(flow)).tcp(80, port_of(flow), kTcpSyn | kTcpAck);
      herd.offer(PortId{1}, static_cast<std::uint16_t>((flow + 1) % workers), answer);
      herd.turn();
    }
    EXPECT_EQ(herd.handed_out() != 0, workers != 1);
    std::multiset<std::string> all;
    for (const std::size_t port : {0, 1}) {
      const std::vector<Bytes> sent = herd.wire.all_sent(static_cast<PortId>(port));
      EXPECT_EQ(sent.size(), 200U);
      for (const Bytes& frame : sent) all.insert(to_hex(frame));
    }
    return all;
  };
  EXPECT_EQ(replies(1), replies(2));
}

TEST(TwoWorkers, AFullRingIsADropWithAName) {
  World world = web_world();
  Herd herd{world, {.handover_ring = 8}};
  for (unsigned flow = 0; flow < 200; ++flow) herd.offer(PortId{0}, 0, syn(flow));
  while (herd.workers[0]->turn()) continue;  // worker 1 is stuck meanwhile
  const std::uint64_t full = herd.dropped(DropReason::handover_full);
  EXPECT_GT(full, 50U);
  EXPECT_EQ(herd.handed_out(), 8U) << "what the ring holds";
  EXPECT_EQ(herd.handed_in(), 0U) << "under way";
  herd.turn();
  EXPECT_EQ(herd.handed_in(), 8U);
  EXPECT_EQ(herd.connections(), 200 - full);
}

TEST(TwoWorkers, ARefusedPacketIsDroppedAtOnceAndNotCountedAsSent) {
  World world = web_world();
  Herd herd{world};
  herd.wire.refuse_all(true);
  herd.offer(PortId{0}, 0, syn(1));
  herd.turn();
  EXPECT_EQ(herd.dropped(DropReason::tx_refused), 1U);
  EXPECT_EQ(herd.sum([](const WorkerCounters& c) -> const Counter& { return c.tx; }), 0U);
  EXPECT_EQ(herd.workers[0]->refused(PortId{1}) + herd.workers[1]->refused(PortId{1}), 1U);
}

TEST(TwoWorkers, PacketsForAnothersQueueGoInRunsNotOneByOne) {
  World world = web_world();
  Herd herd{world, {.queues = {{2, 2}, {1, 1}}}};
  for (unsigned flow = 0; flow < 64; ++flow) herd.offer(PortId{0}, static_cast<std::uint16_t>(flow % 2), syn(flow));
  herd.turn();
  EXPECT_EQ(herd.wire.all_sent(PortId{1}).size(), 64U);
  EXPECT_LE(herd.wire.calls, 12U) << "a system call for each packet would cost more than forwarding it";
}

TEST(Assignment, EveryQueueHasOneOwnerAndEveryWorkerAWay) {
  for (unsigned workers = 1; workers <= 9; ++workers)
    for (unsigned queues = 1; queues <= workers; ++queues) {
      const std::vector<QueueCount> ports(3, {queues, queues});
      std::vector<unsigned> owners(3 * queues, 0);
      for (unsigned w = 0; w < workers; ++w) {
        for (const RxQueue& queue : rx_queues_of(static_cast<WorkerId>(w), ports, workers))
          ++owners[index(queue.port) * queues + queue.queue];
        for (std::size_t p = 0; p < 3; ++p) {
          const TxWay way = tx_ways_of(static_cast<WorkerId>(w), ports, workers)[p];
          const TxWay owners_way = tx_ways_of(way.via, ports, workers)[p];
          EXPECT_TRUE(owners_way.own) << "who is sent through must have a queue of its own";
          EXPECT_EQ(way.own, way.via == static_cast<WorkerId>(w));
        }
      }
      EXPECT_EQ(owners, std::vector<unsigned>(3 * queues, 1)) << workers << " workers, " << queues << " queues";
    }
}

TEST(Assignment, OneQueuePortsKeepDifferentWorkersBusy) {
  const std::vector<QueueCount> ports(2, {1, 1});
  EXPECT_EQ(rx_queues_of(WorkerId{0}, ports, 2).size(), 1U);
  EXPECT_EQ(rx_queues_of(WorkerId{1}, ports, 2).size(), 1U);
}

}  // namespace
}  // namespace tandem::test
