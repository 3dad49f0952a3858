// SPDX-License-Identifier: Apache-2.0
// What a worker does between bursts: held packets, expiry, scans, injections, what devices lost.
#include <set>
#include <thread>

#include "dataplane/worker/scan_all.h"
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

World world_with_unknown_server() {
  World world = two_port_world();
  world.services.push_back(nat_service("10.0.0.100:80", {"10.0.1.77:80"}));  // on link, but nobody knows its MAC
  return world;
}

std::vector<WorkerEvent> events_of(Herd& herd) {
  std::vector<WorkerEvent> events;
  WorkerEvent event;
  for (const auto& worker : herd.workers)
    while (worker->events().pop(event)) events.push_back(event);
  return events;
}

HerdOptions alone() { return {.workers = 1, .queues = {{1, 1}, {1, 1}}}; }

std::uint64_t held(const Herd& herd) {
  return herd.sum([](const WorkerCounters& c) -> const Counter& { return c.held; });
}

TEST(Held, APacketWaitsForItsNeighbourAndThenLeaves) {
  World world = world_with_unknown_server();
  Herd herd{world, alone()};
  herd.offer(PortId{0}, 0, syn(1));
  herd.turn();
  EXPECT_EQ(held(herd), 1U);
  herd.expect_balance();
  const std::vector<WorkerEvent> events = events_of(herd);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, WorkerEventKind::neighbour_wanted);
  EXPECT_EQ(events[0].address, address("10.0.1.77"));
  EXPECT_EQ(events[0].port, PortId{1});

  world.neighbours.push_back({address("10.0.1.77"), mac("02:00:00:00:bb:77"), PortId{1}});
  herd.publish();
  herd.turn();
  EXPECT_EQ(held(herd), 0U);
  const std::vector<Bytes> sent = herd.wire.all_sent(PortId{1});
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ((Bytes{sent[0].begin(), sent[0].begin() + 6}), (Bytes{0x02, 0, 0, 0, 0xbb, 0x77}));
}

// A node that has just got a group asks for its client's MAC, and under load that takes some ten times as long as at rest.
TEST(Held, WhatTenThousandASecondBringIn200MsWaitsAndLeaves) {
  World world = world_with_unknown_server();
  Herd herd{world, alone()};
  for (unsigned flow = 0; flow < 2000; ++flow) {
    herd.offer(PortId{0}, 0, syn(flow));
    herd.turn();
    herd.clock.advance(100us);
  }
  EXPECT_EQ(held(herd), 2000U);
  EXPECT_EQ(herd.dropped(DropReason::hold_full), 0U);
  world.neighbours.push_back({address("10.0.1.77"), mac("02:00:00:00:bb:77"), PortId{1}});
  herd.publish();
  herd.turn();
  EXPECT_EQ(herd.wire.all_sent(PortId{1}).size(), 2000U);
  herd.expect_balance();
}

TEST(Held, PatienceEndsAfterASecond) {
  World world = world_with_unknown_server();
  Herd herd{world, alone()};
  herd.offer(PortId{0}, 0, syn(1));
  herd.turn();
  herd.clock.advance(999ms);
  herd.turn();
  EXPECT_EQ(held(herd), 1U);
  herd.clock.advance(1ms);
  herd.turn();
  EXPECT_EQ(held(herd), 0U);
  EXPECT_EQ(herd.dropped(DropReason::unresolved_neighbour), 1U);
}

TEST(Held, OneDestinationGetsHalfTheRoom) {
  World world = world_with_unknown_server();
  Herd herd{world, alone()};
  for (unsigned flow = 0; flow < HoldQueue::kOneDestinationMax + 6; ++flow) {
    herd.offer(PortId{0}, 0, syn(flow));
    herd.turn();
  }
  EXPECT_EQ(held(herd), HoldQueue::kOneDestinationMax);
  EXPECT_EQ(herd.dropped(DropReason::hold_full), 6U);
}

TEST(Held, ANeighbourIsAskedForTwiceASecondWhateverTheFlood) {
  World world = world_with_unknown_server();
  Herd herd{world, alone()};
  for (int ms = 0; ms < 1000; ++ms) {
    herd.offer(PortId{0}, 0, syn(static_cast<unsigned>(ms)));
    herd.turn();
    herd.clock.advance(1ms);
  }
  EXPECT_EQ(events_of(herd).size(), 2U);
}

TEST(Expiry, AnIdleConnectionEndsByTheWorkersOwnClock) {
  World world = web_world();
  Herd herd{world, alone()};
  herd.offer(PortId{0}, 0, syn(1));
  herd.turn();
  ASSERT_EQ(herd.connections(), 1U);
  const auto pass = [&](std::chrono::milliseconds time) {
    herd.clock.advance(time);
    for (int i = 0; i < 200; ++i) herd.workers[0]->turn();  // a sweep in slices
  };
  pass(4000ms);
  EXPECT_EQ(herd.connections(), 1U) << "half-open: 5 s";
  pass(2500ms);
  EXPECT_EQ(herd.connections(), 0U);
  EXPECT_EQ(herd.workers[0]->state().counters().removed[static_cast<std::size_t>(RemoveReason::expired)].get(), 1U);
  EXPECT_EQ(herd.workers[0]->state().counters().entries_ipv4.get(), 0U);
}

TEST(Scan, ShowsEveryConnectionOnceWhileWorkersTurn) {
  World world = web_world();
  Herd herd{world};
  for (unsigned flow = 0; flow < 600; ++flow) {
    herd.offer(PortId{0}, static_cast<std::uint16_t>(flow % 2), syn(flow));
    if (flow % 64 == 0) herd.turn();
  }
  herd.turn();
  std::atomic<bool> stop{false};
  std::thread turning{[&] {
    while (!stop)
      for (const auto& worker : herd.workers) worker->turn();
  }};
  for (std::uint32_t number = 1; number <= 3; ++number) {
    std::multiset<std::pair<IpAddress, std::uint16_t>> seen;
    const Result<> scanned = scan_all(herd.workers, number, 5s, [&](WorkerId, const ConnRecord& record) {
      EXPECT_EQ(record.vip, address("10.0.0.100"));
      EXPECT_EQ(record.state, ConnState::half_open);
      seen.insert({record.client, record.client_port});
    });
    EXPECT_TRUE(scanned);
    EXPECT_EQ(seen.size(), 600U);
    EXPECT_EQ((std::set<std::pair<IpAddress, std::uint16_t>>{seen.begin(), seen.end()}.size()), 600U);
  }
  stop = true;
  turning.join();
}

TEST(Scan, AStuckWorkerIsNamedAndNotWaitedForLonger) {
  World world = web_world();
  Herd herd{world};
  const auto before = std::chrono::steady_clock::now();
  const Result<> scanned = scan_all(herd.workers, 1, 20ms, [](WorkerId, const ConnRecord&) {});
  ASSERT_FALSE(scanned);
  EXPECT_NE(scanned.error().message.find("worker 0"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(Injection, AFrameOfTheNodesKernelGoesOutAsItIs) {
  World world = web_world();
  Herd herd{world, alone()};
  const Bytes frame_bytes = frame().eth(server_mac(11), kNode1).ipv4("10.0.1.1", "10.0.1.11").tcp(50000, 80, kTcpSyn).bytes();
  ASSERT_TRUE(herd.workers[0]->inject(to_mbuf(frame_bytes), PortId{1}));
  herd.turn();
  EXPECT_EQ(herd.wire.all_sent(PortId{1}), (std::vector<Bytes>{frame_bytes}));
  EXPECT_EQ(herd.sum([](const WorkerCounters& c) -> const Counter& { return c.injected; }), 1U);
  EXPECT_EQ(herd.connections(), 0U) << "the node's own traffic is no connection of a service";
}

TEST(Losses, WhatTheDeviceMissedIsInTheBalanceOnce) {
  World world = web_world();
  Herd herd{world};
  herd.losses.note(PortId{0}, 7, 2);
  herd.clock.advance(20ms);
  herd.turn();
  herd.clock.advance(20ms);
  herd.turn();
  EXPECT_EQ(herd.dropped(DropReason::nic_missed), 7U);
  EXPECT_EQ(herd.dropped(DropReason::nic_error), 2U);
  herd.losses.note(PortId{0}, 10, 2);
  herd.clock.advance(20ms);
  herd.turn();
  EXPECT_EQ(herd.dropped(DropReason::nic_missed), 10U);
  EXPECT_EQ(herd.sum([](const WorkerCounters& c) -> const Counter& { return c.rx; }), 12U);
}

TEST(Progress, HeartbeatAndPollsAreCounted) {
  World world = web_world();
  Herd herd{world, alone()};
  const WorkerCounters& counters = herd.workers[0]->state().counters();
  herd.workers[0]->turn();
  EXPECT_EQ(counters.progress.get(), 1U);
  EXPECT_EQ(counters.last_loop_ns.get(), 1000'000'000'000U);
  EXPECT_EQ(counters.polls_empty.get(), 2U) << "two ports";
  herd.offer(PortId{0}, 0, syn(1));
  herd.workers[0]->turn();
  EXPECT_EQ(counters.polls_packets.get(), 1U);
  EXPECT_EQ(counters.burst_packets[1].get(), 1U) << "a burst of one";
  EXPECT_GT(counters.busy_tsc.get(), 0U);
  EXPECT_LE(counters.busy_tsc.get(), counters.total_tsc.get());
}

}  // namespace
}  // namespace tandem::test
