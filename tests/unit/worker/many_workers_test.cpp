// SPDX-License-Identifier: Apache-2.0
// Fewer queues than workers: whoever has a queue receives and sends by it for the others, through rings. What each handed over is
// counted exactly, and whole conversations go through.
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

const WorkerCounters& counters_of(const Herd& herd, unsigned worker) { return herd.workers[worker]->state().counters(); }
std::uint64_t connections_of(const Herd& herd, unsigned worker) { return herd.workers[worker]->state().table4().size(); }

Frame answer(unsigned flow) {
  return frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", client_of(flow)).tcp(80, port_of(flow), kTcpSyn | kTcpAck);
}

World one_server_world() {
  World world = web_world();
  world.services[0].backends.resize(1);  // whose answers the test can write without asking which backend has the flow
  return world;
}

// Turned now and then, so that no more buffers are out than there are.
template <typename Send>
void for_flows(Herd& herd, unsigned flows, Send send) {
  for (unsigned flow = 0; flow < flows; ++flow) {
    send(flow);
    if (flow % 64 == 63) herd.turn();
  }
  herd.turn();
}

TEST(ManyWorkers, FourOnOneQueueShareTheFlowsAndEveryHandoverIsCountedOnce) {
  constexpr unsigned kFlows = 4000;
  World world = one_server_world();
  Herd herd{world, {.workers = 4, .queues = {{1, 1}, {1, 1}}}};
  for_flows(herd, kFlows, [&](unsigned flow) { herd.offer(PortId{0}, 0, syn(flow)); });
  EXPECT_EQ(counters_of(herd, 0).rx.get(), kFlows) << "port 0's one queue is worker 0's";
  EXPECT_EQ(counters_of(herd, 0).handover_out.get(), kFlows - connections_of(herd, 0)) << "all that is not its own, and each once";
  for (unsigned w = 1; w < 4; ++w) {
    EXPECT_EQ(counters_of(herd, w).handover_in.get(), connections_of(herd, w)) << "worker " << w;
    EXPECT_EQ(counters_of(herd, w).handover_out.get(), 0U) << "what was handed over is never handed on: worker " << w;
    EXPECT_EQ(counters_of(herd, w).rx.get(), 0U) << "worker " << w;
  }
  for (unsigned w = 0; w < 4; ++w) EXPECT_NEAR(static_cast<double>(connections_of(herd, w)), kFlows / 4.0, kFlows / 10.0) << "worker " << w;
  EXPECT_EQ(counters_of(herd, 1).tx.get(), kFlows) << "port 1's one queue is worker 1's: it sends for all";
  EXPECT_EQ(herd.wire.all_sent(PortId{1}).size(), kFlows);
}

TEST(ManyWorkers, TwoFullRingsKeepNoThirdOneWaiting) {
  World world = one_server_world();
  Herd herd{world, {.workers = 4, .queues = {{4, 4}, {1, 1}}}};
  for (unsigned flow = 0; flow < 1500; ++flow) herd.offer(PortId{0}, static_cast<std::uint16_t>(1 + flow % 3), syn(flow));
  for (unsigned round = 0; round < 20; ++round)
    for (unsigned w = 1; w < 4; ++w) herd.workers[w]->turn();
  std::array<std::size_t, 4> before{};
  for (unsigned w = 1; w < 4; ++w) before[w] = herd.waiting(w, 0);
  for (unsigned turn = 0; turn < 3; ++turn) herd.workers[0]->turn();
  for (unsigned w = 1; w < 4; ++w) {
    EXPECT_GT(before[w], 64U) << "more than a batch waits, from worker " << w;
    EXPECT_LT(herd.waiting(w, 0), before[w]) << "of worker " << w << "'s some were taken";
  }
  herd.turn();
}

TEST(ManyWorkers, ConversationsGoThroughWhateverTheNumbersOfWorkersAndQueues) {
  constexpr unsigned kFlows = 300;
  for (const unsigned workers : {1U, 2U, 3U, 4U, 7U, 8U})
    for (const unsigned outside : {1U, 2U, 4U})
      for (const unsigned inside : {1U, 3U}) {
        if (outside > workers || inside > workers) continue;
        SCOPED_TRACE(testing::Message() << workers << " workers, " << outside << " and " << inside << " queues");
        World world = one_server_world();
        Herd herd{world, {.workers = workers, .queues = {{outside, outside}, {inside, inside}}, .connections = 10'000}};
        for_flows(herd, kFlows, [&](unsigned flow) { herd.offer(PortId{0}, static_cast<std::uint16_t>(flow % outside), syn(flow)); });
        for_flows(herd, kFlows, [&](unsigned flow) { herd.offer(PortId{1}, static_cast<std::uint16_t>(flow % inside), answer(flow)); });
        EXPECT_EQ(herd.connections(), kFlows) << "a flow has one owner for both directions";
        EXPECT_EQ(herd.wire.all_sent(PortId{1}).size(), kFlows);
        EXPECT_EQ(herd.wire.all_sent(PortId{0}).size(), kFlows);
        EXPECT_EQ(herd.handed_out() == 0, workers == 1);
      }
}

TEST(ManyWorkers, MoreReceiveQueuesThanTransmitQueues) {
  constexpr unsigned kFlows = 500;
  World world = one_server_world();
  Herd herd{world, {.workers = 4, .queues = {{4, 2}, {4, 1}}}};
  for_flows(herd, kFlows, [&](unsigned flow) { herd.offer(PortId{0}, static_cast<std::uint16_t>(flow % 4), syn(flow)); });
  for_flows(herd, kFlows, [&](unsigned flow) { herd.offer(PortId{1}, static_cast<std::uint16_t>(flow % 4), answer(flow)); });
  EXPECT_EQ(herd.wire.all_sent(PortId{0}).size(), kFlows);
  EXPECT_EQ((herd.wire.sent[{0, 2}].size() + herd.wire.sent[{0, 3}].size() + herd.wire.sent[{1, 1}].size()), 0U)
      << "a queue that is not there is never used";
  EXPECT_GT((herd.wire.sent[{0, 1}].size()), kFlows / 4);
}

// What is refused on the way to a queue's owner has the name of a refused packet, not of a lost one.
TEST(ManyWorkers, AnOwnerThatSendsForTooManyRefuses) {
  World world = one_server_world();
  Herd herd{world, {.workers = 4, .queues = {{4, 4}, {1, 1}}, .handover_ring = 8}};
  const auto all_but_the_sender = [&] {
    for (unsigned round = 0; round < 100; ++round)
      for (const unsigned w : {0U, 2U, 3U}) herd.workers[w]->turn();
  };
  for (unsigned flow = 0; flow < 400; ++flow) herd.offer(PortId{0}, static_cast<std::uint16_t>(flow % 4), syn(flow));
  all_but_the_sender();
  const std::uint64_t refused = herd.dropped(DropReason::tx_refused);
  EXPECT_GT(refused, 50U) << "worker 1, which has port 1's queue, is stuck: three rings of eight are all there is";
  herd.turn();
  EXPECT_EQ(herd.wire.all_sent(PortId{1}).size() + herd.dropped(DropReason::tx_refused) + herd.dropped(DropReason::handover_full), 400U);
}

// Two workers that write one cache line for every packet slow each other down tenfold, and no test of behaviour would notice.
TEST(ManyWorkers, NoCacheLineIsWrittenByTwoForEachPacket) {
  WorkerTallies first{1}, second{1};
  const auto line = [](const void* at) { return reinterpret_cast<std::uintptr_t>(at) / kCacheLineBytes; };
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&first.counters) % kCacheLineBytes, 0U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first.backends().data()) % kCacheLineBytes, 0U);
  EXPECT_NE(line(&first.counters), line(&second.counters));
  EXPECT_GE(alignof(SpscRing<Crossing>), kCacheLineBytes) << "a ring's two ends are two threads'";
  EXPECT_EQ(sizeof(WorkerCounters) % kCacheLineBytes, 0U);
  EXPECT_EQ(sizeof(BackendCounters) % kCacheLineBytes, 0U);
}

}  // namespace
}  // namespace tandem::test
