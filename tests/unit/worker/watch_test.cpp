// SPDX-License-Identifier: Apache-2.0
// A capture at whole workers: every point that a packet passes, and that what is seen is what is counted.
#include <map>

#include "tests/unit/worker/herd.h"

namespace tandem::test {
namespace {

constexpr PortId kP0{0}, kP1{1};

Frame syn(std::uint16_t port, std::uint16_t to = 80) {
  return frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(port, to, kTcpSyn);
}

class WatchedWorkers : public testing::Test {
 protected:
  // By point and port, with the reason: how many.
  std::map<std::string, unsigned> seen() {
    std::map<std::string, unsigned> out;
    herd.keeper.take_captured(1 << 20, [&](const CaptureHead& head, std::span<const std::byte>) {
      std::string what{kTapPointNames[static_cast<std::size_t>(head.point)]};
      if (head.port != kPortUnknown) what += " p" + std::to_string(index(head.port));
      if (head.reason < DropReason::count_) what += " " + std::string{name_of(head.reason)};
      ++out[what];
    });
    return out;
  }
  using Seen = std::map<std::string, unsigned>;

  World world = web_world();
  Herd herd{world};
};

TEST_F(WatchedWorkers, ThatNobodyWatchesKeepNothing) {
  herd.offer(kP0, 0, syn(1)), herd.turn();
  EXPECT_EQ(seen(), Seen{});
}

TEST_F(WatchedWorkers, SeeAPacketComeAndGoWhoeverOwnsIt) {
  ASSERT_TRUE(herd.keeper.begin_capture({.points = 0xf}));
  for (std::uint16_t port = 1; port <= 20; ++port) herd.offer(kP0, 0, syn(port));
  herd.turn();
  EXPECT_GT(herd.handed_in(), 0U);
  EXPECT_EQ(seen(), (Seen{{"rx p0", 20}, {"tx p1", 20}})) << "what is handed over came once";
}

TEST_F(WatchedWorkers, SayWhyTheyDropWhereverThatIs) {
  ASSERT_TRUE(herd.keeper.begin_capture({.points = 0xe}));
  herd.offer(kP0, 0, syn(1, 81)), herd.turn();
  EXPECT_EQ(seen(), (Seen{{"drop p0 no_service", 1}}));
  herd.wire.refuse_all(true);
  herd.offer(kP0, 0, syn(2)), herd.turn();
  EXPECT_EQ(seen(), (Seen{{"drop p1 tx_refused", 1}})) << "and it was not sent";
  herd.wire.refuse_all(false);
  herd.offer(kP0, 0, frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.1").tcp(1, 22, kTcpSyn)), herd.turn();
  EXPECT_EQ(seen(), (Seen{{"punt p0", 1}}));
}

TEST_F(WatchedWorkers, ShowAsManyAsTheyCount) {
  ASSERT_TRUE(herd.keeper.begin_capture({.points = 0xf, .ring_bytes = 4 << 20}));
  for (std::uint16_t port = 1; port <= 300; ++port)
    herd.offer(kP0, static_cast<std::uint16_t>(port % 2), syn(port, port % 3 == 0 ? 81 : 80));
  for (int i = 0; i < 50; ++i) herd.turn();
  Seen all = seen();
  EXPECT_EQ(all["rx p0"], 300U);
  EXPECT_EQ(all["drop p0 no_service"], herd.dropped(DropReason::no_service));
  EXPECT_EQ(all["tx p1"], herd.sum([](const WorkerCounters& c) -> const Counter& { return c.tx; }));
}

TEST_F(WatchedWorkers, LookAtAFlowWhenTheyAreAsked) {
  FlowQuestion question;
  question.source = endpoint("10.0.0.5:1"), question.target = endpoint("10.0.0.100:80");
  herd.offer(kP0, 0, syn(1)), herd.turn();
  const Generation& generation = *herd.publisher.latest();
  unsigned found = 0;
  for (const auto& worker : herd.workers) {
    FlowGlance glance{generation, TableHasher{generation.keys.table}, question};
    worker->glances().ask(glance);
    EXPECT_TRUE(worker->glances().is_open());
    worker->turn();
    EXPECT_FALSE(worker->glances().is_open());
    found += static_cast<unsigned>(glance.v4.count);
  }
  EXPECT_EQ(found, 1U) << "its owner has it, and nobody else";
}

}  // namespace
}  // namespace tandem::test
