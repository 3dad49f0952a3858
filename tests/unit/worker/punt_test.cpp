// SPDX-License-Identifier: Apache-2.0
// Frames for the node's kernel: by kind of twin, and with rates that junk cannot eat.
#include <poll.h>

#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

using namespace std::chrono_literals;

World world_with_twin(TwinKind twin) {
  World world = web_world();
  for (PortView& port : world.ports) port.twin = twin;
  return world;
}

HerdOptions alone(bool reserve = true) { return {.workers = 1, .queues = {{1, 1}, {1, 1}}, .punt_reserve = reserve}; }

Frame junk() { return frame().eth(kNode0, kGateway).ipv4("192.0.2.66", "10.0.0.1").udp(9, 9).payload(10); }
Frame check_answer() { return frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.1.1").tcp(8080, 50000, kTcpSyn | kTcpAck); }

std::size_t take_all(Herd& herd, PuntClass punt_class) {
  std::size_t taken = 0;
  Crossing frame;
  for (; herd.workers[0]->punts().ring(punt_class).pop(frame); ++taken) take(frame.mbuf);
  return taken;
}

// 20,000 junk packets and 20 answers to health checks, in a second; returns how many answers the kernel got.
std::size_t answers_under_junk(bool reserve) {
  World world = world_with_twin(TwinKind::tap);
  Herd herd{world, alone(reserve)};
  std::size_t answers = 0;
  for (int ms = 0; ms < 1000; ++ms) {
    for (int i = 0; i < 20; ++i) herd.offer(PortId{0}, 0, junk());
    if (ms % 50 == 25) herd.offer(PortId{1}, 0, check_answer());
    herd.turn();
    take_all(herd, PuntClass::rest);
    answers += take_all(herd, PuntClass::known);
    herd.clock.advance(1ms);
  }
  EXPECT_EQ(herd.dropped(DropReason::punt_limited_known), 20 - answers);
  if (reserve) {
    EXPECT_NEAR(static_cast<double>(herd.punted(PuntClass::rest)), 1000 + 100, 5) << "its rate and one burst";
  }
  return answers;
}

TEST(Punt, JunkAtTheNodeStarvesNoHealthCheck) { EXPECT_EQ(answers_under_junk(true), 20U); }

TEST(Punt, WithoutTheReserveItDoes) { EXPECT_LT(answers_under_junk(false), 20U); }  // the control

TEST(Punt, ByKindOfTwin) {
  for (const TwinKind twin : {TwinKind::none, TwinKind::copied, TwinKind::steered, TwinKind::tap}) {
    World world = world_with_twin(twin);
    Herd herd{world, alone()};
    herd.offer(PortId{0}, 0, junk());
    herd.turn();
    const bool lost = twin == TwinKind::none || twin == TwinKind::steered;
    EXPECT_EQ(herd.dropped(DropReason::no_twin), lost ? 1U : 0U) << "twin kind " << static_cast<int>(twin);
    EXPECT_EQ(herd.punted(PuntClass::rest), lost ? 0U : 1U) << "twin kind " << static_cast<int>(twin);
    EXPECT_EQ(take_all(herd, PuntClass::rest), twin == TwinKind::tap ? 1U : 0U) << "only a TAP is written to";
  }
}

TEST(Punt, AFullRingIsADropWithAName) {
  World world = world_with_twin(TwinKind::tap);
  Herd herd{world, alone()};
  for (int ms = 0; ms < 1000; ++ms) {  // nobody takes them
    herd.offer(PortId{0}, 0, junk());
    herd.turn();
    herd.clock.advance(1ms);
  }
  EXPECT_EQ(herd.punted(PuntClass::rest), PuntGate::kRing);
  EXPECT_EQ(herd.dropped(DropReason::punt_full), 1000 - PuntGate::kRing);
}

TEST(Punt, TheBellRingsOnceUntilItIsAnswered) {
  World world = world_with_twin(TwinKind::tap);
  Herd herd{world, alone()};
  pollfd bell{herd.bell.descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&bell, 1, 0), 0);
  herd.offer(PortId{0}, 0, junk());
  herd.turn();
  EXPECT_EQ(poll(&bell, 1, 0), 1);
  herd.bell.answer();
  EXPECT_EQ(poll(&bell, 1, 0), 0);
  herd.offer(PortId{0}, 0, junk());
  herd.turn();
  EXPECT_EQ(poll(&bell, 1, 0), 1) << "the next frame rings again";
}

TEST(Rate, GivesABurstAndThenItsRate) {
  SharedRate rate;
  rate.set(1000);
  Instant now{1h};
  int taken = 0;
  for (int i = 0; i < 500; ++i) taken += rate.take(now) ? 1 : 0;
  EXPECT_EQ(taken, 100) << "a tenth of a second's worth";
  for (int ms = 0; ms < 1000; ++ms) {
    now = now + 1ms;
    for (int i = 0; i < 5; ++i) taken += rate.take(now) ? 1 : 0;
  }
  EXPECT_NEAR(taken, 1100, 1);
}

TEST(Rate, ZeroMeansNever) {
  SharedRate rate;
  rate.set(0);
  EXPECT_FALSE(rate.take(Instant{1h}));
}

}  // namespace
}  // namespace tandem::test
