// SPDX-License-Identifier: Apache-2.0
// What the pair's thread works from.
#include "controlplane/config/pair_view.h"

#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class ViewOfAPair : public BuilderWorld {
 protected:
  ViewOfAPair() {
    config_.node.name = "lb-a";
    config_.pair_hash = "0123456789ab";
    config_.ha = Ha{.preempt = false};
    config_.group = {
        {.name = "blue", .prefer = "lb-a", .vrid = {{{"outside", 0}, 10}, {{"inside", 0}, 11}}, .gateway = {prefix("10.0.0.254/24")}},
        {.name = "green", .prefer = "lb-b", .vrid = {{{"outside", 7}, 20}}}};
    config_.service[0].group = "blue", config_.service[1].group = "green";
    config_.port[0].vlan = {7};
    config_.port[0].peer_address = {{ip("192.0.2.2"), 0}, {ip("2001:db8::2"), 0}};
    network_.lans[0].addresses = {prefix("192.0.2.1/24"), prefix("2001:db8::1/64"), prefix("fe80::1/64")};
    network_.lans[0].neighbours.push_back({ip("2001:db8::2"), mac(2)});
  }
  PairView view() {
    build();
    return builder_.pair();
  }
};

TEST_F(ViewOfAPair, SaysWhoWeAreAndWhatIsAgreed) {
  config_.sync = Sync{ip("192.168.0.1"), ip("192.168.0.2")};
  const PairView pair = view();
  EXPECT_EQ(pair.node, "lb-a");
  EXPECT_EQ(pair.pair_hash, "0123456789ab");
  EXPECT_EQ(pair.ha, config_.ha);
  EXPECT_EQ(pair.sync, config_.sync);
}

TEST_F(ViewOfAPair, HasTheLansOfPeersAndVridsInOrder) {
  const PairView pair = view();
  ASSERT_EQ(pair.lans.size(), 3u);
  EXPECT_EQ(pair.lans[0].name, "outside");
  EXPECT_EQ(pair.lans[1].name, "outside.7");
  EXPECT_EQ(pair.lans[2].name, "inside");
  EXPECT_EQ(pair.lans[1].vlan, 7);
  EXPECT_EQ(pair.lans[2].port, kInside);
}

TEST_F(ViewOfAPair, ALanKnowsBothNodesAndItself) {
  ports_[0].mtu_bytes = 9000, ports_[0].up = false;
  const PairView::Lan lan = view().lans.at(0);
  EXPECT_EQ(lan.mac, kOutsideMac);
  EXPECT_EQ(lan.own4, ip("192.0.2.1").v4());
  EXPECT_EQ(lan.own6, ip("fe80::1").v6()) << "the link-local one, though a global one stands before it";
  EXPECT_EQ(lan.own.size(), 3u);
  EXPECT_EQ(lan.peer, (std::vector{ip("192.0.2.2"), ip("2001:db8::2")}));
  EXPECT_EQ(lan.peer_mac, mac(2)) << "of whichever of its addresses has answered";
  EXPECT_FALSE(lan.up);
  EXPECT_EQ(lan.mtu_bytes, 9000);
  network_.lans[0].addresses.pop_back();
  EXPECT_EQ(view().lans.at(0).own6, ip("2001:db8::1").v6());
}

TEST_F(ViewOfAPair, WitnessesAreTheGatewaysAndBackendsOnTheLan) {
  const PairView pair = view();
  EXPECT_EQ(pair.lans[0].witnesses, std::vector{ip("192.0.2.254")}) << "never the peer itself";
  EXPECT_TRUE(pair.lans[1].witnesses.empty());
  EXPECT_EQ(pair.lans[2].witnesses.size(), 5u);
}

TEST_F(ViewOfAPair, AGroupKnowsItsAddressesOnEachLan) {
  const PairView pair = view();
  ASSERT_EQ(pair.groups.size(), 2u);
  const PairView::Group& blue = pair.groups[0];
  EXPECT_TRUE(blue.preferred);
  EXPECT_FALSE(pair.groups[1].preferred);
  EXPECT_EQ(blue.lans, (std::vector<PairView::GroupLan>{{0, 10, true, {ip("192.0.2.10")}}, {2, 11, true, {ip("10.0.0.254")}}}));
  EXPECT_EQ(pair.groups[1].lans, (std::vector<PairView::GroupLan>{{1, 20, true, {ip("192.0.2.20")}}}));
}

TEST_F(ViewOfAPair, AGroupWithoutAnyVridIsWhereItsAddressesAreAnnounced) {
  config_.group[0].vrid.clear();
  const PairView pair = view();
  EXPECT_EQ(pair.groups[0].lans, (std::vector<PairView::GroupLan>{{0, 0, false, {ip("192.0.2.10")}}, {2, 0, false, {ip("10.0.0.254")}}}));
}

TEST_F(ViewOfAPair, ItIsEqualWhenNothingChangedAndDifferentWhenALinkFell) {
  const PairView before = view();
  EXPECT_EQ(view(), before);
  ports_[1].up = false;
  EXPECT_NE(view(), before);
}

}  // namespace
}  // namespace tandem::config
