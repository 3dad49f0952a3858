// SPDX-License-Identifier: Apache-2.0
// What a whole worker does around the pipeline, where a packet may end as well: at a ring without room, over a rate, at its queue.
#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

constexpr PortId kFront{0}, kBack{1};

Frame junk() { return frame().eth(kNode0, kGateway).ipv4("192.0.2.66", "10.0.0.1").udp(9, 9).payload(10); }
Frame advert() { return frame().eth("01:00:5e:00:00:12", kClient).ip("10.0.0.2", "224.0.0.18").ttl(255).protocol(112).payload(12); }

class WorkerStories : public testing::Test {
 protected:
  void TearDown() override {
    std::string drops;
    for (std::size_t reason = 0; reason < kDropReasons; ++reason)
      if (dropped(static_cast<DropReason>(reason)) != 0) drops += std::string{kDropReasonTexts[reason].name} + " ";
    RecordProperty("drops", drops);  // for scripts/lib/packet_matrix.py
  }

  void begin(const HerdOptions& options = {.workers = 1, .queues = {{1, 1}, {1, 1}}}) { herd = std::make_unique<Herd>(world, options); }
  void come(const Frame& frame, std::size_t count, PortId port = kFront) {
    for (std::size_t i = 0; i < count; ++i) herd->offer(port, 0, frame);
  }
  std::uint64_t dropped(DropReason reason) const { return herd->dropped(reason); }

  World world = web_world();
  std::unique_ptr<Herd> herd;
};

TEST_F(WorkerStories, AWorkerThatStandsStillIsGivenWhatItsRingHolds) {
  begin({.workers = 2, .handover_ring = 8});
  for (unsigned flow = 0; flow < 200; ++flow) herd->offer(kFront, 0, syn(flow));
  while (herd->workers[0]->turn()) continue;
  const std::uint64_t full = dropped(DropReason::handover_full);
  EXPECT_GT(full, 50U);
  herd->turn();
  EXPECT_EQ(herd->connections(), 200 - full);
}

TEST_F(WorkerStories, AQueueThatTakesNothingRefusesAtOnce) {
  begin();
  herd->wire.refuse_all(true);
  come(syn(1), 10);
  herd->turn();
  EXPECT_EQ(dropped(DropReason::tx_refused), 10U);
  herd->wire.refuse_all(false);
  come(syn(1), 1);
  herd->turn();
  EXPECT_EQ(herd->wire.all_sent(kBack).size(), 1U);
}

TEST_F(WorkerStories, EachClassForTheKernelHasARateOfItsOwn) {
  begin({.workers = 1, .queues = {{1, 1}, {1, 1}}, .punt_rates = {20, 20, 20}});
  const Frame known = frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.1.1").tcp(8080, 50000, kTcpSyn | kTcpAck);
  const Frame question = frame().eth("ff:ff:ff:ff:ff:ff", kClient).arp(1, kClient, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.1");
  come(junk(), 50), come(question, 50), come(known, 50, kBack);
  herd->turn();
  const std::array limited{DropReason::punt_limited_control, DropReason::punt_limited_known, DropReason::punt_limited_rest};
  for (std::size_t i = 0; i < limited.size(); ++i) {
    EXPECT_GT(dropped(limited[i]), 0U) << i;
    EXPECT_EQ(dropped(limited[i]) + herd->punted(static_cast<PuntClass>(i)), 50U) << "none takes another's " << i;
  }
  for (const PuntClass punt_class : {PuntClass::control, PuntClass::known, PuntClass::rest})
    for (Crossing taken; herd->workers[0]->punts().ring(punt_class).pop(taken);) rte_pktmbuf_free(taken.mbuf);
}

TEST_F(WorkerStories, AKernelThatTakesNothingGetsWhatItsRingHolds) {
  begin();
  for (int ms = 0; ms < 1000; ++ms) {
    come(junk(), 1);
    herd->turn();
    herd->clock.advance(1ms);
  }
  EXPECT_EQ(dropped(DropReason::punt_full), 1000 - PuntGate::kRing);
}

TEST_F(WorkerStories, ThePairsThreadIsWokenForWhatItCanTake) {
  world.pair = {true, 18264};
  begin();
  come(advert(), PairLink::kFrames + 7);
  herd->turn();
  EXPECT_EQ(dropped(DropReason::pair_queue_full), 7U);
  for (int i = 0; i < 20; ++i) come(advert(), 100), herd->turn();
  EXPECT_GT(dropped(DropReason::pair_limited), 0U);
}

TEST_F(WorkerStories, AHeartbeatThatComesTooLateIsNone) {
  begin();
  ASSERT_TRUE(herd->workers[0]->pair().beats().push({to_mbuf(advert().bytes()), kFront, herd->clock.now() + 50ms}));
  herd->clock.advance(51ms);
  herd->turn();
  EXPECT_TRUE(herd->wire.all_sent(kFront).empty());
  EXPECT_EQ(dropped(DropReason::late_heartbeat), 1U);
}

TEST_F(WorkerStories, WhatTheDeviceLostIsCountedOnce) {
  begin();
  herd->losses.note(kFront, 7, 2);
  for (int i = 0; i < 3; ++i) herd->clock.advance(20ms), herd->turn();
  EXPECT_EQ(dropped(DropReason::nic_missed), 7U);
  EXPECT_EQ(dropped(DropReason::nic_error), 2U);
}

}  // namespace
}  // namespace tandem::test
