// SPDX-License-Identifier: Apache-2.0
#include "controlplane/pair/port_halves.h"

#include <gtest/gtest.h>

#include "tests/unit/pair/captured_pair.h"

namespace tandem::pair {
namespace {

TEST(PortHalvesOfAPair, EachNodeTakesItsOwnHalfAndTheOthersOnlyWhenThatIsLongGone) {
  CapturedPair pair;
  pair.run(3s);
  for (std::size_t n = 0; n < 2; ++n) EXPECT_TRUE(pair.node(n).halves.own && !pair.node(n).halves.other) << n;
  EXPECT_NE(pair.node(0).halves.mine, pair.node(1).halves.mine);
  pair.stop(1);
  pair.run(50s);
  EXPECT_TRUE(pair.node(0).halves.own);
  EXPECT_FALSE(pair.node(0).halves.other) << "its connections may still use its ports";
  pair.run(15s);
  EXPECT_TRUE(pair.node(0).halves.other) << "after a minute";
  pair.restart(1);
  pair.run(3s);
  EXPECT_FALSE(pair.node(0).halves.other) << "the other takes its own again";
  EXPECT_TRUE(pair.node(1).halves.own) << "which it does as soon as it was told everything";
}

TEST(PortHalvesOfAPair, WhoStartsTakesNoneBeforeItWasToldEverything) {
  CapturedPair pair;
  pair.run(3s);
  pair.open_connections();
  pair.restart(1);
  bool waited = false;
  for (int step = 0; step < 3000; ++step) {
    pair.run(1ms);
    const PortHalves halves = pair.node(1).halves;
    waited |= !halves.own;
    if (halves.own && waited) break;
  }
  EXPECT_TRUE(waited) << "it heard of the other before it knew what that has";
  EXPECT_EQ(pair.node(1).table->table().size(), CapturedPair::kConnections);
}

TEST(PortHalvesOfAPair, WithoutASyncLinkTheAddressesOnALanSayWhose) {
  config::PairView view;
  config::PairView::Lan& lan = view.lans.emplace_back();
  lan.own = {parse_address("10.0.0.2").value()}, lan.peer = {parse_address("10.0.0.3").value()};
  EXPECT_EQ(own_half(view), PortHalf::first);
  std::swap(lan.own, lan.peer);
  EXPECT_EQ(own_half(view), PortHalf::second);
}

}  // namespace
}  // namespace tandem::pair
