// SPDX-License-Identifier: Apache-2.0
// What somebody on the LAN may try against a pair: adverts and datagrams that lie, frames in the names of groups, roles that change
// under a storm of them.
#include <random>

#include "tests/packet/hostile.h"
#include "tests/packet/pair_site.h"

namespace tandem::test {
namespace {

class HostilePair : public Hostile {
 protected:
  HostilePair() {
    pair_up(world);
    publish();
    take_roles(roles_of({kFirst, kSecond}, true));
  }
  void expect_for_pair(const Frame& frame) { expect(frame.bytes(), {"to pair " + leaves(kP0, frame)[0]}); }

  static Frame advert(std::string_view from = kPeer0) {
    return frame().eth("01:00:5e:00:00:12", from).ip("10.0.0.2", "224.0.0.18").ttl(255).protocol(112);
  }
  static Frame advert6() { return frame().eth("33:33:00:00:00:12", kPeer0).ip("fe80::2", "ff02::12").ttl(255).protocol(112); }
  static Frame datagram() { return frame().eth(kNode0, kPeer0).ip("10.0.0.2", "10.0.0.1").udp(50000, kPairPort); }
};

TEST_F(HostilePair, AdvertsFromBeyondTheLan) {
  for (unsigned hops = 0; hops < 255; ++hops) expect_drop(advert().ttl(static_cast<std::uint8_t>(hops)).payload(12), "vrrp_ttl");
  expect_drop(advert6().ttl(64).payload(24), "vrrp_ttl");
}

TEST_F(HostilePair, AdvertsCutShort) {
  for (const std::size_t bytes : {15, 20, 33}) expect_cut_drop(advert().payload(12), bytes, "truncated");
  for (const std::size_t bytes : {15, 40, 53, 60}) expect_cut_drop(advert6().payload(24), bytes, "truncated");
  expect_for_pair(advert());  // its own length is the pair's thread's to judge
  expect_for_pair(advert().payload(1480));
  expect_drop(advert().payload(1481), "super_frame");
}

TEST_F(HostilePair, AdvertsBehindOptionsAreNone) {
  expect_punt(advert().options({148, 4, 0, 0}).payload(12), "control");  // router alert
  expect_punt(advert6().extension(0).payload(24), "control");
  expect_punt(advert6().extension(60).payload(24), "control");
}

TEST_F(HostilePair, DatagramsThatLie) {
  expect_drop(datagram().payload(40).edit_ipv4([](Ipv4Header& ip) { ip.checksum = Be16{7}; }, false), "bad_ip_checksum");
  expect_drop(datagram().payload(40).edit_ipv4([](Ipv4Header& ip) { ip.total_bytes = Be16{1000}; }), "truncated");
  expect_punt(datagram().payload(40).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{100}; }), "rest");
  expect_punt(datagram().payload(40).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{7}; }), "rest");
  expect_punt(datagram().fragment(0, true).payload(40), "rest");
  expect_punt(datagram().options({1, 1, 1, 1}).payload(40), "rest");
  expect_for_pair(datagram().pad_to(60));
}

TEST_F(HostilePair, NobodySpeaksFromOurMacsButAnotherNodesAdverts) {
  for (const std::string_view own : {kNode0, kFirstMac, kFirstMac6, kSecondMac}) {
    expect_drop(from_client({kWeb, 1}).eth(kNode0, own), "own_frame");
    expect_drop(from_client({kWeb6, 1}).eth(kNode0, own), "own_frame");
    expect_drop(datagram().eth(kNode0, own), "own_frame");
    expect_drop(frame().eth(kBroadcast, own).arp(1, own, "10.0.0.100", kNobody, "10.0.0.100"), "own_frame");
    expect_drop(advert(own).ip("10.0.0.1", "224.0.0.18").payload(12), "own_frame");
  }
  expect_drop(advert(kNode0).payload(12), "own_frame");
  expect_for_pair(advert(kFirstMac).payload(12));
}

TEST_F(HostilePair, OfAllVridsOursAlone) {
  for (unsigned vrid = 0; vrid < 256; ++vrid) {
    if (vrid == 0x0a || vrid == 0x0b) continue;
    const MacAddress other{{0, 0, 0x5e, 0, 1, static_cast<std::uint8_t>(vrid)}};
    expect_drop(from_client({kWeb, 1}).eth(other, mac(kClient)), "not_for_us");
    expect_drop(from_client({kWeb6, 1}).eth(MacAddress{{0, 0, 0x5e, 0, 2, static_cast<std::uint8_t>(vrid)}}, mac(kClient)), "not_for_us");
  }
}

TEST_F(HostilePair, ThePeersMacIsNoPass) {
  expect_drop(frame().eth(kNode0, kPeer0).ip("127.0.0.1", "10.0.0.100").tcp(1, 80, kTcpSyn), "martian_source");
  expect_drop(frame().eth(kNode0, kPeer0).ip("10.0.0.100", "10.0.0.1").udp(1, kPairPort), "source_is_vip");
  expect_drop(from_client({kWeb, 1}).eth("02:00:00:00:00:77", kPeer0), "not_for_us");
}

// The same at every run. What becomes of each frame is not foreseen here: that it has a verdict is, and that nothing goes to the peer
// which came from it.
TEST_F(HostilePair, AStormWhileGroupsMove) {
  std::mt19937_64 chance{42};
  const auto below = [&](std::size_t limit) { return chance() % limit; };
  constexpr std::array<std::string_view, 8> kTargets{kNode0, kNode1, kFirstMac, kFirstMac6, kSecondMac, kGatewayMac, kBroadcast, kPeer0};
  constexpr std::array<std::string_view, 2> kPeers{kPeer0, kPeer1};
  for (unsigned round = 0; round < 5000; ++round) {
    const auto bits = [&] { return static_cast<std::uint32_t>(below(4)); };
    take_roles({Roles::kUngrouped | bits(), Roles::kUngrouped | bits(), bits()});
    const Flow flow{static_cast<Service>(below(8)), static_cast<std::uint16_t>(below(50))};
    Frame chosen = below(4) == 0   ? advert().payload(below(20))
                   : below(3) == 0 ? from_server(flow, 11, static_cast<std::uint8_t>(chance()))
                                   : from_client(flow, static_cast<std::uint8_t>(chance()));
    const std::size_t port = below(2);
    const std::string_view source = std::array{kClient, kPeers[port], kFirstMac, kNode0}[below(4)];
    const Lines lines = receive(static_cast<PortId>(port), {chosen.eth(kTargets[below(8)], source).bytes()});
    ASSERT_EQ(lines.size(), 1U);
    if (source != kPeers[port]) continue;
    ASSERT_EQ(lines[0].find("> 02:00:00:00:00:5"), std::string::npos) << lines[0];
  }
  EXPECT_GT(counted(&WorkerCounters::handed_to_peer), 0U);
  take_roles(roles_of({kFirst, kSecond}, true));
}

}  // namespace
}  // namespace tandem::test
