// SPDX-License-Identifier: Apache-2.0
// A worker's part in the pair: heartbeats on time or not at all, frames for the pair's thread, roles, who was heard.
#include "dataplane/worker/pair_link.h"

#include <poll.h>

#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

constexpr PortId kP0{0}, kP1{1};

Frame advert() { return frame().eth("01:00:5e:00:00:12", kClient).ip("10.0.0.2", "224.0.0.18").ttl(255).protocol(112).payload(12); }

World pair_world() {
  World world = web_world();
  world.pair = {true, 18264};
  world.groups.resize(1);
  world.group_of[address("10.0.0.100")] = GroupId{0};
  world.ports[0].peers = {{address("10.0.0.2"), 0, mac("02:00:00:00:00:51")}};
  return world;
}

class PairLinkTest : public testing::Test {
 protected:
  bool beat(std::size_t worker, PortId port, Nanoseconds until = 50ms) {
    rte_mbuf* mbuf = to_mbuf(advert().bytes());
    if (herd.workers[worker]->pair().beats().push({mbuf, port, herd.clock.now() + until})) return true;
    rte_pktmbuf_free(mbuf);
    return false;
  }
  std::uint64_t count(Counter WorkerCounters::*which) const {
    return herd.sum([&](const WorkerCounters& counters) -> const Counter& { return counters.*which; });
  }
  std::vector<PairArrival> take_frames() {
    std::vector<PairArrival> taken;
    herd.pair.bell.answer();
    for (const auto& worker : herd.workers)
      for (PairArrival frame; worker->pair().frames().pop(frame);) taken.push_back(frame);
    for (const PairArrival& frame : taken) rte_pktmbuf_free(frame.mbuf);
    return taken;
  }

  World world = pair_world();
  Herd herd{world, {.workers = 2, .queues = {{2, 2}, {1, 1}}}};  // p1's one queue is worker 1's
};

TEST_F(PairLinkTest, AHeartbeatLeavesByItsWorkersOwnQueue) {
  ASSERT_TRUE(beat(0, kP0) && beat(1, kP0));
  herd.turn();
  for (const std::uint16_t queue : std::initializer_list<std::uint16_t>{0, 1})
    EXPECT_EQ((herd.wire.sent[{0, queue}]), std::vector<Bytes>{advert().bytes()});
  EXPECT_EQ(count(&WorkerCounters::beats_sent), 2U);
  EXPECT_EQ(count(&WorkerCounters::originated), 2U);
  herd.expect_balance();
}

TEST_F(PairLinkTest, AWorkerThatStoodStillSendsNoneOfThem) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(beat(0, kP0));
  herd.clock.advance(51ms);
  herd.turn();
  EXPECT_TRUE(herd.wire.all_sent(kP0).empty());
  EXPECT_EQ(herd.dropped(DropReason::late_heartbeat), 5U);
  EXPECT_EQ(count(&WorkerCounters::beats_sent), 0U);
  herd.expect_balance();
}

TEST_F(PairLinkTest, TheDeadlineHoldsAtTheQueuesOwnerToo) {
  const std::size_t owner = index(tx_ways_of(WorkerId{0}, {{2, 2}, {1, 1}}, 2)[1].via), other = 1 - owner;
  ASSERT_TRUE(beat(other, kP1));
  herd.workers[other]->turn();
  herd.workers[owner]->turn();
  EXPECT_EQ(herd.wire.all_sent(kP1).size(), 1U);
  ASSERT_TRUE(beat(other, kP1));
  herd.workers[other]->turn();
  herd.clock.advance(51ms);  // the owner stands still
  herd.workers[owner]->turn();
  EXPECT_EQ(herd.wire.all_sent(kP1).size(), 1U);
  EXPECT_EQ(herd.dropped(DropReason::late_heartbeat), 1U);
  herd.expect_balance();
}

TEST_F(PairLinkTest, ARingThatNobodyEmptiesRefuses) {
  for (std::size_t i = 0; i < PairLink::kBeats; ++i) ASSERT_TRUE(beat(0, kP0));
  EXPECT_FALSE(beat(0, kP0));
  EXPECT_TRUE(beat(1, kP0));
}

TEST_F(PairLinkTest, WhatIsLeftWhenTheWorkersEndIsSent) {
  ASSERT_TRUE(beat(0, kP0) && beat(1, kP1));
  while (herd.workers[0]->settle() || herd.workers[1]->settle()) continue;
  EXPECT_EQ(herd.wire.all_sent(kP0).size() + herd.wire.all_sent(kP1).size(), 2U);
}

TEST_F(PairLinkTest, AnAdvertWakesThePairsThreadWithTheTimeItCame) {
  pollfd waiting{herd.pair.bell.descriptor(), POLLIN, 0};
  herd.offer(kP0, 1, advert());
  herd.turn();
  EXPECT_EQ(poll(&waiting, 1, 0), 1);
  herd.clock.advance(1s);
  const std::vector<PairArrival> taken = take_frames();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].received, Instant{1000s});
  EXPECT_EQ(poll(&waiting, 1, 0), 0);
  EXPECT_EQ(count(&WorkerCounters::consumed), 1U);
  EXPECT_EQ(count(&WorkerCounters::pair_frames), 1U);
}

TEST_F(PairLinkTest, FramesThatNobodyTakesAreBounded) {
  for (std::size_t i = 0; i < PairLink::kFrames + 7; ++i) herd.offer(kP0, 0, advert());
  herd.turn();
  EXPECT_EQ(count(&WorkerCounters::consumed), PairLink::kFrames);
  EXPECT_EQ(herd.dropped(DropReason::pair_queue_full), 7U);
}

TEST_F(PairLinkTest, AFloodIsLimitedWhateverIsTaken) {
  std::size_t taken = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 100; ++i) herd.offer(kP0, static_cast<std::uint16_t>(i % 2), advert());
    herd.turn();
    taken += take_frames().size();
  }
  EXPECT_EQ(taken, PairDesk::kFramesPps / 10) << "a tenth of a second's worth at once";
  EXPECT_EQ(herd.dropped(DropReason::pair_limited), 2000 - taken);
}

TEST_F(PairLinkTest, RolesAreObeyedFromTheNextTurnOn) {
  const Frame question = frame().eth("ff:ff:ff:ff:ff:ff", kClient).arp(1, kClient, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.100");
  const auto answers = [&] {
    herd.offer(kP0, 0, question);
    herd.turn();
    return herd.wire.all_sent(kP0).size();
  };
  EXPECT_EQ(answers(), 0U) << "until it is told, a node has no group";
  herd.pair.roles.set({.active = Roles::kUngrouped | 1, .receives = Roles::kUngrouped | 1, .on_peer = 0});
  EXPECT_EQ(answers(), 1U);
  herd.pair.roles.set(Roles{});
  EXPECT_EQ(answers(), 1U);
  EXPECT_EQ(herd.dropped(DropReason::standby_vip), 2U);
}

TEST_F(PairLinkTest, APortIsHeardWhenAnythingComes) {
  const WorkerCounters& counters = herd.workers[0]->state().counters();
  herd.turn();
  EXPECT_EQ(counters.port_heard[0].get(), 0U);
  herd.clock.advance(5s);
  herd.offer(kP0, 0, syn(1));
  herd.turn();
  EXPECT_EQ(counters.port_heard[0].get(), 1'005'000'000'000U);
  EXPECT_EQ(counters.port_heard[1].get(), 0U);
}

TEST_F(PairLinkTest, WhoAnswersUsIsAWitnessUnlessItIsThePeer) {
  const WorkerCounters& counters = herd.workers[0]->state().counters();
  const auto answer = [&](std::string_view sender, std::string_view from) {
    herd.offer(kP0, 0, frame().eth(kNode0, sender).arp(2, sender, from, kNode0, "10.0.0.1"));
    herd.turn();
    return counters.port_witness[0].get();
  };
  EXPECT_EQ(answer("02:00:00:00:00:51", "10.0.0.2"), 0U);
  EXPECT_EQ(answer(kGateway, "10.0.0.254"), 1'000'000'000'000U);
  herd.clock.advance(1s);
  herd.offer(kP0, 0, frame().eth(kNode0, kGateway).ip("fd00::5", "fd00::1").neighbour(kNdNeighbourAdvert, "fd00::5"));
  herd.turn();
  EXPECT_EQ(counters.port_witness[0].get(), 1'001'000'000'000U);
  herd.clock.advance(1s);
  herd.offer(kP0, 0, frame().eth(kNode0, kGateway).arp(2, kGateway, "10.0.0.254", kNode0, "0.0.0.0"));
  herd.turn();
  EXPECT_EQ(counters.port_witness[0].get(), 1'002'000'000'000U) << "answers a question that named no sender";
  herd.clock.advance(1s);
  herd.offer(kP0, 0, frame().eth("ff:ff:ff:ff:ff:ff", kGateway).arp(2, kGateway, "10.0.0.254", kNode0, "10.0.0.1"));
  herd.offer(kP0, 0, frame().eth(kNode0, kGateway).arp(1, kGateway, "10.0.0.254", kNode0, "10.0.0.1"));
  herd.offer(kP0, 0, frame().eth(kNode0, kGateway).arp(2, kGateway, "10.0.0.254", kNode0, "10.0.0.9"));
  herd.turn();
  EXPECT_EQ(counters.port_witness[0].get(), 1'002'000'000'000U) << "a call to all, a question, an answer to another";
}

}  // namespace
}  // namespace tandem::test
