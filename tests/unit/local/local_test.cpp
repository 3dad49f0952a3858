// SPDX-License-Identifier: Apache-2.0
// What the box answers itself: ARP, neighbour discovery and echo for VIPs; everything about others goes to the kernel.
#include <gtest/gtest.h>

#include "tests/support/packet_text.h"
#include "tests/support/test_worker.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;
constexpr PortId kP0{0}, kP1{1};
constexpr std::string_view kBroadcast = "ff:ff:ff:ff:ff:ff", kZero = "00:00:00:00:00:00";

class LocalTest : public testing::Test {
 protected:
  LocalTest() {
    world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:8080"}), nat_service("[fd00::100]:80", {"[fd01::11]:8080"})};
    worker.publish();
  }
  static Frame who_has(std::string_view address, std::string_view sender = "10.0.0.5") {
    return frame().eth(kBroadcast, kClient).arp(1, kClient, sender, kZero, address);
  }
  World world = two_port_world();
  TestWorker worker{world};
};

TEST_F(LocalTest, ArpForAVipIsAnsweredWithThePortsMac) {
  const Outcome out = worker.receive(kP0, who_has("10.0.0.100"));
  EXPECT_EQ(
      out.lines(),
      (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | arp reply 10.0.0.5 (02:00:00:00:aa:05) from 10.0.0.100 (02:00:00:00:00:01)"}));
  EXPECT_EQ(out.consumed, 1U);
  EXPECT_EQ(out.originated, 1U);
}

TEST_F(LocalTest, ArpIsAnsweredOnAnyPortThatAsks) {
  EXPECT_EQ(
      worker.receive(kP1, who_has("10.0.0.100")).lines(),
      (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:aa:05 | arp reply 10.0.0.5 (02:00:00:00:aa:05) from 10.0.0.100 (02:00:00:00:00:02)"}));
}

TEST_F(LocalTest, AGroupsMacStandsInsideItsAnswersToo) {
  world.groups.resize(1);
  for (const char* vip : {"10.0.0.100", "fd00::100"}) world.group_of[address(vip)] = GroupId{0};
  const MacAddress mac4 = mac("00:00:5e:00:01:0a"), mac6 = mac("00:00:5e:00:02:0a");
  world.ports[0].virtual_macs = {{mac4, 0, GroupId{0}}, {mac6, 0, GroupId{0}}};
  worker.publish();
  worker.take_roles({.active = Roles::kUngrouped | 1, .receives = Roles::kUngrouped | 1, .on_peer = 0});
  const auto mac_at = [](const Bytes& bytes, std::size_t at) {
    MacAddress found;
    std::memcpy(found.bytes.data(), bytes.data() + at, found.bytes.size());
    return found;
  };
  const Bytes reply = worker.receive(kP0, who_has("10.0.0.100")).sent.at(0).frame;
  EXPECT_EQ(mac_at(reply, 6), mac4) << "Ethernet source";
  EXPECT_EQ(mac_at(reply, 14 + 8), mac4) << "sender (RFC 826)";
  const Frame asked =
      frame().eth("33:33:ff:00:01:00", kClient).ipv6("fd00::5", "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, "fd00::100");
  const Bytes advert = worker.receive(kP0, asked).sent.at(0).frame;
  EXPECT_EQ(mac_at(advert, 6), mac6);
  EXPECT_EQ(mac_at(advert, 14 + 40 + 24 + 2), mac6) << "target link-layer address (RFC 4861 4.6.1)";
}

TEST_F(LocalTest, ArpProbeIsAnswered) { EXPECT_EQ(worker.receive(kP0, who_has("10.0.0.100", "0.0.0.0")).sent.size(), 1U) << "RFC 5227"; }

TEST_F(LocalTest, UnicastArpIsAnswered) {
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).arp(1, kClient, "10.0.0.5", kZero, "10.0.0.100")).sent.size(), 1U);
}

TEST_F(LocalTest, ArpForOthersGoesToTheKernel) {
  EXPECT_EQ(worker.receive(kP0, who_has("10.0.0.1")).lines(), (Lines{"punt control p0: 02:00:00:00:aa:05 > ff:ff:ff:ff:ff:ff | arp who-has "
                                                                     "10.0.0.1 (00:00:00:00:00:00) from 10.0.0.5 (02:00:00:00:aa:05)"}));
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).arp(2, kClient, "10.0.0.5", kNode0, "10.0.0.1")).punted.size(), 1U);
}

TEST_F(LocalTest, PortWithoutTwinAnswersForTheNodesOwnAddress) {
  world.ports[0].twin = TwinKind::none;
  worker.publish();
  EXPECT_EQ(worker.receive(kP0, who_has("10.0.0.1")).sent.size(), 1U);
  EXPECT_EQ(worker.receive(kP0, who_has("10.0.1.1")).lines(), (Lines{"drop no_twin"})) << "the other port's address";
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.1").icmp(8)).sent.size(), 1U);
}

TEST_F(LocalTest, BadArpIsDropped) {
  const auto lies = [](auto change) {
    return who_has("10.0.0.100").edit([change](Bytes& bytes) { change(*reinterpret_cast<ArpHeader*>(bytes.data() + 14)); });
  };
  EXPECT_EQ(worker.receive(kP0, lies([](ArpHeader& arp) { arp.hardware = Be16{6}; })).lines(), (Lines{"drop bad_arp"}));
  EXPECT_EQ(worker.receive(kP0, lies([](ArpHeader& arp) { arp.protocol = Be16{0x86dd}; })).lines(), (Lines{"drop bad_arp"}));
  EXPECT_EQ(worker.receive(kP0, lies([](ArpHeader& arp) { arp.hardware_bytes = 8; })).lines(), (Lines{"drop bad_arp"}));
  EXPECT_EQ(worker.receive(kP0, lies([](ArpHeader& arp) { arp.protocol_bytes = 16; })).lines(), (Lines{"drop bad_arp"}));
  EXPECT_EQ(worker.receive(kP0, lies([](ArpHeader& arp) { arp.operation = Be16{3}; })).lines(), (Lines{"drop bad_arp"}));
  EXPECT_EQ(worker.receive(kP0, lies([](ArpHeader& arp) { arp.sender_mac = mac("ff:ff:ff:ff:ff:ff"); })).lines(), (Lines{"drop bad_arp"}));
}

TEST_F(LocalTest, NobodyElseMayClaimAVip) {
  EXPECT_EQ(worker.receive(kP0, who_has("10.0.0.100", "10.0.0.100")).lines(), (Lines{"drop source_is_vip"})) << "gratuitous request";
  EXPECT_EQ(worker.receive(kP0, frame().eth(kBroadcast, kClient).arp(2, kClient, "10.0.0.100", kZero, "10.0.0.5")).lines(),
            (Lines{"drop source_is_vip"}));
}

const Bytes kSourceOption{1, 1, 0x02, 0, 0, 0, 0xaa, 0x05};

Frame solicit(std::string_view target = "fd00::100", const Bytes& options = kSourceOption, std::string_view source = "fd00::5") {
  return frame().eth("33:33:ff:00:01:00", kClient).ipv6(source, "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, target, 0, options);
}

TEST_F(LocalTest, SolicitationForAVipIsAnswered) {
  const Outcome out = worker.receive(kP0, solicit());
  EXPECT_EQ(out.lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | fd00::100 > fd00::5 ttl 255 | icmp type 136 code 0 | 24 bytes"}));
  const Bytes& advert = out.sent.at(0).frame;
  EXPECT_EQ(advert[14 + 40 + 4], 0x60) << "solicited, override, no router";
  EXPECT_EQ(Bytes(advert.end() - 8, advert.end()), (Bytes{2, 1, 2, 0, 0, 0, 0, 1})) << "target link-layer address";
  EXPECT_EQ(out.consumed + out.originated, 2U);
}

TEST_F(LocalTest, SolicitationWithoutOptionGrowsIntoItsAnswer) {
  const Outcome out = worker.receive(kP0, solicit("fd00::100", {}));
  EXPECT_EQ(out.lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | fd00::100 > fd00::5 ttl 255 | icmp type 136 code 0 | 24 bytes"}));
}

TEST_F(LocalTest, LongSolicitationShrinks) {
  Bytes options = kSourceOption;
  options.insert(options.end(), {14, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});  // a nonce (RFC 3971)
  EXPECT_EQ(worker.receive(kP0, solicit("fd00::100", options)).sent.at(0).frame.size(), 14U + 40 + 32);
}

TEST_F(LocalTest, UnicastSolicitationIsAnswered) {
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::100").neighbour(kNdNeighbourSolicit, "fd00::100"))
                .sent.size(),
            1U);
}

TEST_F(LocalTest, DuplicateAddressProbeIsAnsweredToAll) {
  EXPECT_EQ(worker.receive(kP0, solicit("fd00::100", {}, "::")).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 33:33:00:00:00:01 | fd00::100 > ff02::1 ttl 255 | icmp type 136 code 0 | 24 bytes"}));
}

TEST_F(LocalTest, BadSolicitationIsDropped) {
  const Lines bad{"drop bad_neighbour_discovery"};
  EXPECT_EQ(worker.receive(kP0, solicit().ttl(254)).lines(), bad) << "came through a router";
  EXPECT_EQ(worker.receive(kP0, solicit().edit([](Bytes& bytes) { bytes[14 + 40 + 2] ^= 1; })).lines(), bad) << "checksum";
  EXPECT_EQ(worker.receive(kP0, solicit("fd00::100", {1, 0, 2, 0, 0, 0, 0xaa, 5})).lines(), bad) << "option of length 0";
  EXPECT_EQ(worker.receive(kP0, solicit("fd00::100", {1, 2, 2, 0, 0, 0, 0xaa, 5})).lines(), bad) << "option longer than the packet";
  EXPECT_EQ(worker.receive(kP0, solicit("fd00::100", {1, 1, 3, 0, 0, 0, 0xaa, 5})).lines(), bad) << "a group's MAC";
  EXPECT_EQ(worker.receive(kP0, solicit("fd00::100", kSourceOption, "::")).lines(), bad) << "unspecified with a link-layer address";
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv6("::", "fd00::100").neighbour(kNdNeighbourSolicit, "fd00::100")).lines(),
            bad)
      << "unspecified to a unicast address";
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::100").icmp(kNdNeighbourSolicit).payload(10)).lines(),
            bad)
      << "short";
}

TEST_F(LocalTest, DiscoveryForOthersGoesToTheKernel) {
  EXPECT_EQ(worker.receive(kP0, solicit("fd00::1")).punted.at(0).punt_class, PuntClass::control);
  EXPECT_EQ(
      worker.receive(kP0, frame().eth("33:33:00:00:00:01", kClient).ipv6("fe80::1", "ff02::1").ttl(255).icmp(kNdRouterAdvert).payload(8))
          .punted.at(0)
          .punt_class,
      PuntClass::control);
}

TEST_F(LocalTest, EchoToAVipIsAnswered) {
  const Outcome out = worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").ttl(1).icmp(8).payload(56));
  EXPECT_EQ(out.lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 64 | icmp type 0 code 0 | 56 bytes"}));
  EXPECT_EQ(out.consumed + out.originated, 2U);
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::100").icmp(128).payload(56)).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | fd00::100 > fd00::5 ttl 64 | icmp type 129 code 0 | 56 bytes"}));
}

TEST_F(LocalTest, EchoKeepsTagAndOptions) {
  world.ports[0].vlans = {7};
  worker.publish();
  EXPECT_EQ(
      worker.receive(kP0, frame().eth(kNode0, kClient).vlan(7).ipv4("10.0.0.5", "10.0.0.100").options({7, 4, 4, 0}).icmp(8).payload(3))
          .lines(),
      (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 vlan 7 | 10.0.0.100 > 10.0.0.5 ttl 64 options 4 | icmp type 0 code 0 | 3 bytes"}));
}

TEST_F(LocalTest, DamagedEchoComesBackDamaged) {
  const Outcome out = worker.receive(
      kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").icmp(8).payload(56).edit([](Bytes& bytes) { bytes[60] ^= 1; }));
  EXPECT_FALSE(checksums_are_right(out.sent.at(0).frame)) << "a fresh sum would hide the damage from the asker";
}

TEST_F(LocalTest, EchoToTheNodeGoesToTheKernel) {
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.1").icmp(8)).punted.size(), 1U);
}

TEST_F(LocalTest, EchoFromNobodyIsNotAnswered) {
  for (const char* source : {"127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "0.1.2.3", "240.0.0.1"})
    EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv4(source, "10.0.0.100").icmp(8)).lines(), (Lines{"drop martian_source"}))
        << source;
  for (const char* source : {"::", "::1", "ff02::1"})
    EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv6(source, "fd00::100").icmp(128)).lines(), (Lines{"drop martian_source"}))
        << source;
  const Ipv6Address mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 5}};
  const Frame from_mapped =
      frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::100").icmp(128).edit_ipv6([&](Ipv6Header& ip) { ip.source = mapped; });
  EXPECT_EQ(worker.receive(kP0, from_mapped).lines(), (Lines{"drop martian_source"})) << "an IPv4 address in disguise";
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.100", "10.0.0.100").icmp(8)).lines(),
            (Lines{"drop source_is_vip"}));
}

}  // namespace
}  // namespace tandem::test
