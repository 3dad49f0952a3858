// SPDX-License-Identifier: Apache-2.0
// What the workers learn of the pair: groups of VIPs, their MACs, the other node on each LAN.
#include "controlplane/config/groups.h"
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

inline constexpr GroupId kBlue{0}, kGreen{1};

class Pairing : public BuilderWorld {
 protected:
  Pairing() {
    config_.ha = Ha{};
    config_.group = {{.name = "blue", .vrid = {{{"outside", 0}, 10}, {{"inside", 0}, 11}}, .gateway = {prefix("10.0.0.254/24")}},
                     {.name = "green", .vrid = {{{"outside", 7}, 20}}, .transit = Transit::route}};
    config_.service[0].group = "blue", config_.service[1].group = "green";
    config_.port[0].vlan = {7};
    config_.port[0].peer_address = {{ip("192.0.2.2"), 0}, {ip("10.7.0.2"), 7}};
  }
  static VirtualMac virtual_of(std::uint8_t kind, std::uint8_t vrid, GroupId group, std::uint16_t vlan = 0) {
    return {MacAddress{{0, 0, 0x5e, 0, kind, vrid}}, vlan, group};
  }
};

TEST_F(Pairing, EachVipKnowsItsGroup) {
  const auto built = build();
  EXPECT_EQ(built->index->find_vip(ip("192.0.2.10"))->group, kBlue);
  EXPECT_EQ(built->index->find_vip(ip("192.0.2.20"))->group, kGreen);
  EXPECT_EQ(*built->groups, (std::vector<GroupView>{{Transit::drop}, {Transit::route}}));
  EXPECT_EQ(built->pair, (PairTraffic{true, 18264}));
}

TEST_F(Pairing, AGatewayIsAnsweredForLikeAVipAndServesNothing) {
  const auto built = build();
  const VipEntry* gateway = built->index->find_vip(ip("10.0.0.254"));
  ASSERT_NE(gateway, nullptr);
  EXPECT_EQ(gateway->group, kBlue);
  EXPECT_EQ(gateway->flags, 0);
  EXPECT_EQ(built->index->find_service(ip("10.0.0.254"), Protocol::tcp, 80), kNoService);
}

TEST_F(Pairing, AGroupHasAVirtualMacOnEachOfItsLansForEachOfItsFamilies) {
  config_.service[1].listen[0].address = ip("2001:db8::20");
  config_.service[1].backend = {{"mail-1", endpoint("[fd00::21]:25")}};
  const auto built = build();
  EXPECT_EQ(built->ports->at(0).virtual_macs, (std::vector{virtual_of(1, 10, kBlue), virtual_of(2, 20, kGreen, 7)}));
  EXPECT_EQ(built->ports->at(1).virtual_macs, (std::vector{virtual_of(1, 11, kBlue)}));
  config_.group[1].gateway = {prefix("10.7.0.254/24")};
  EXPECT_EQ(build()->ports->at(0).virtual_macs,
            (std::vector{virtual_of(1, 10, kBlue), virtual_of(1, 20, kGreen, 7), virtual_of(2, 20, kGreen, 7)}))
      << "a gateway is an address of the group too";
}

TEST_F(Pairing, ThePortsWordOnMacsOverridesThePairs) {
  config_.port[0].group_mac = GroupMac::node_mac;
  const auto overridden = build();
  EXPECT_TRUE(overridden->ports->at(0).virtual_macs.empty());
  EXPECT_EQ(overridden->ports->at(1).virtual_macs.size(), 1u);
  config_.ha->mac = GroupMac::node_mac, config_.port[0].group_mac = GroupMac::virtual_mac;
  const auto other = build();
  EXPECT_EQ(other->ports->at(0).virtual_macs.size(), 2u);
  EXPECT_TRUE(other->ports->at(1).virtual_macs.empty());
}

TEST_F(Pairing, ThePeerIsKnownByItsMacOnceItAnswers) {
  EXPECT_EQ(build()->ports->at(0).peers, (std::vector<PeerOnLan>{{ip("192.0.2.2"), 0, MacAddress{}}, {ip("10.7.0.2"), 7, MacAddress{}}}));
  network_.lans[0].neighbours.push_back({ip("192.0.2.2"), mac(2)});
  network_.lans.push_back({{kOutside, 7}, {prefix("10.7.0.1/24")}, {}, {{ip("10.7.0.2"), mac(3)}}});
  const auto built = build();
  EXPECT_EQ(built->ports->at(0).peers, (std::vector<PeerOnLan>{{ip("192.0.2.2"), 0, mac(2)}, {ip("10.7.0.2"), 7, mac(3)}}));
  EXPECT_TRUE(built->ports->at(1).peers.empty());
}

TEST_F(Pairing, ThePeerIsKeptResolvedAndIsAKnownSource) {
  const auto built = build();
  const auto& wanted = builder_.wanted_neighbours();
  EXPECT_TRUE(std::ranges::is_sorted(wanted) && std::ranges::is_sorted(*built->known_sources));
  EXPECT_NE(std::ranges::find(wanted, NextHopKey{ip("192.0.2.2"), {kOutside, 0}}), wanted.end());
  EXPECT_NE(std::ranges::find(wanted, NextHopKey{ip("10.7.0.2"), {kOutside, 7}}), wanted.end());
  EXPECT_TRUE(std::ranges::binary_search(*built->known_sources, ip("192.0.2.2")));
  config_.port[0].peer_address.clear();
  EXPECT_FALSE(std::ranges::binary_search(*build()->known_sources, ip("192.0.2.2"))) << "and no longer than it is configured";
}

TEST_F(Pairing, AVipIsAnnouncedOnTheLansOfItsGroupAlone) {
  network_.lans.push_back({{kInside, 9}, {prefix("192.0.2.129/25")}, {}, {}});
  build();
  EXPECT_EQ(builder_.announced_on(ip("192.0.2.10")), (std::vector<Lan>{{kOutside, 0}}));
  EXPECT_EQ(builder_.announced_on(ip("10.0.0.254")), (std::vector<Lan>{{kInside, 0}})) << "a gateway, by its prefix";
  EXPECT_EQ(builder_.announced_on(ip("192.0.2.20")), (std::vector<Lan>{{kOutside, 7}})) << "no prefix there holds it: all its LANs";
}

TEST_F(Pairing, AVipThatChangesItsGroupIsSeenAtOnce) {
  build();
  config_.service[0].group = "green";
  EXPECT_EQ(build()->index->find_vip(ip("192.0.2.10"))->group, kGreen);
  std::swap(config_.group[0], config_.group[1]);
  EXPECT_EQ(build()->index->find_vip(ip("192.0.2.10"))->group, GroupId{0});
}

TEST_F(Pairing, WhatLeftTheConfigurationMovesWithItsGroupUntilItEnds) {
  build();
  config_.service.erase(config_.service.begin());
  const auto built = build();
  ASSERT_NE(built->index->find_vip(ip("192.0.2.10")), nullptr) << "its backends are gone, but forward what they have";
  EXPECT_EQ(built->index->find_vip(ip("192.0.2.10"))->group, kBlue);
}

TEST_F(Pairing, AServiceMovesWithItsVipsGroup) {
  const auto before = build();
  EXPECT_EQ(service_view(*before, "192.0.2.10:80").group, kBlue);
  config_.service[0].group = "green";
  EXPECT_EQ(service_view(*build(), "192.0.2.10:80").group, kGreen);
  config_.service.erase(config_.service.begin());
  EXPECT_EQ(build()->services->at(index(service_id(*before, "192.0.2.10:80"))).group, kGreen) << "and so do its last connections";
}

TEST_F(Pairing, TheFlowsOfAGroupAreFoundByTheirHash) {
  config_.service[0].forwarding = ForwardingMethod::l2_dsr;
  EXPECT_EQ(build()->index->find_vip(ip("192.0.2.10"))->flags, 0) << "no queue of this node says who has the peer's flows";
}

TEST_F(Pairing, TheSameInputsAgainShareEveryPart) {
  const auto before = build(), after = build();
  EXPECT_EQ(before->ports, after->ports);
  EXPECT_EQ(before->index, after->index);
  EXPECT_EQ(before->groups, after->groups);
  EXPECT_EQ(before->known_sources, after->known_sources);
}

TEST_F(Pairing, VrrpAloneWithoutALinkUsesNoPortOfOurs) {
  config_.ha->mode = HaMode::vrrp;
  EXPECT_EQ(build()->pair, (PairTraffic{true, 0}));
  config_.sync = Sync{.port = 9000};
  EXPECT_EQ(build()->pair, (PairTraffic{true, 9000}));
}

TEST_F(Pairing, WithoutGroupsNothingIsOfAPair) {
  config_.group.clear(), config_.ha.reset(), config_.port[0].peer_address.clear();
  config_.service[0].group.clear(), config_.service[1].group.clear();
  const auto built = build();
  EXPECT_TRUE(built->groups->empty());
  EXPECT_EQ(built->pair, PairTraffic{});
  EXPECT_EQ(built->index->find_vip(ip("192.0.2.10"))->group, kNoGroup);
  EXPECT_TRUE(built->ports->at(0).virtual_macs.empty() && built->ports->at(0).peers.empty());
}

}  // namespace
}  // namespace tandem::config
