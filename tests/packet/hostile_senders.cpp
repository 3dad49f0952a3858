// SPDX-License-Identifier: Apache-2.0
// Packets that lie about who sends them or whom they are for: VIPs and martians as sources, other MACs, forged neighbours.
#include "tests/packet/hostile.h"

namespace tandem::test {
namespace {

using HostileSenders = Hostile;

constexpr std::string_view kBroadcast = "ff:ff:ff:ff:ff:ff", kNobody = "00:00:00:00:00:00";

TEST_F(HostileSenders, AVipAsTheSource) {
  for (const char* vip : {"10.0.0.100", "10.0.0.101"}) {
    const Frame from_vip = frame().eth(kNode0, kClient).ip(vip, "10.0.0.100");
    expect_drop(Frame{from_vip}.tcp(80, 80, kTcpSyn), "source_is_vip");  // 10.0.0.100 to itself: "land"
    expect_drop(Frame{from_vip}.tcp(80, 80, kTcpAck), "source_is_vip");
    expect_drop(Frame{from_vip}.udp(53, 53), "source_is_vip");
    expect_drop(Frame{from_vip}.icmp(kIcmpEchoRequest), "source_is_vip");
    expect_drop(frame().eth(kNode0, kClient).ip(vip, "10.0.0.1").udp(1, 2), "source_is_vip");
  }
  for (const char* vip : {"fd00::100", "fd00::101"}) {
    const Frame from_vip = frame().eth(kNode0, kClient).ip(vip, "fd00::101");
    expect_drop(Frame{from_vip}.tcp(80, 80, kTcpSyn), "source_is_vip");
    expect_drop(Frame{from_vip}.udp(53, 53), "source_is_vip");
    expect_drop(Frame{from_vip}.icmp(kIcmpv6EchoRequest), "source_is_vip");
  }
  EXPECT_EQ(counted(DropReason::source_is_vip), kOffers * 16);
}

TEST_F(HostileSenders, Martians) {
  for (const char* source : {"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"}) {
    const Frame base = frame().eth(kNode0, kClient).ip(source, "10.0.0.100");
    for (const Frame& each : {Frame{base}.tcp(1, 80, kTcpSyn), Frame{base}.udp(1, 53), Frame{base}.icmp(kIcmpEchoRequest)})
      expect_drop(each, "martian_source");
  }
  for (const char* source : {"::", "::1", "ff02::1"}) {
    const Frame base = frame().eth(kNode0, kClient).ip(source, "fd00::100");
    for (const Frame& each : {Frame{base}.tcp(1, 80, kTcpSyn), Frame{base}.udp(1, 53), Frame{base}.icmp(kIcmpv6EchoRequest)})
      expect_drop(each, "martian_source");
  }
  constexpr Ipv6Address kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 5}};
  expect_drop(to_vip6().tcp(1, 80, kTcpSyn).edit_ipv6([&](Ipv6Header& ip) { ip.source = kMapped; }), "martian_source");
}

TEST_F(HostileSenders, OurOwnAddressAsAClient) {
  for (const char* own : {"10.0.0.1", "10.0.1.1"})
    expect_drop(frame().eth(kNode0, kClient).ip(own, "10.0.0.100").tcp(50000, 80, kTcpSyn), "martian_source");
  for (const char* own : {"fd00::1", "fd01::1"})
    expect_drop(frame().eth(kNode0, kClient).ip(own, "fd00::100").udp(50000, 53), "martian_source");
}

TEST_F(HostileSenders, FramesForAnotherMac) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  for (const std::string_view other : {kNode1, std::string_view{"02:00:00:00:00:03"}, std::string_view{"00:00:00:00:00:00"}, kClient}) {
    expect_drop(from_client(flow, kTcpRst).eth(other, kClient), "not_for_us");
    expect_drop(from_client({kDns6, 1}).eth(other, kClient), "not_for_us");
    expect_drop(frame().eth(other, kClient).arp(1, kClient, "10.0.0.5", kNobody, "10.0.0.100"), "not_for_us");
  }
  expect_drop(from_server(flow, server, kTcpRst).eth(kNode0, server_mac(server)), "not_for_us", kP1);
  EXPECT_EQ(entries(ConnState::established), 1U) << "what others hear ends nothing here";
}

TEST_F(HostileSenders, DamageInFramesForOthersIsTheirs) {
  const Frame other = from_client({kWeb, 1}).eth("02:00:00:00:00:99", kClient);
  for (const std::size_t bytes : {14, 20, 34, 40, 53}) expect_cut_drop(other, bytes, "not_for_us");
  expect_drop(Frame{other}.edit_ipv4([](Ipv4Header& ip) { ip.checksum = Be16{}; }, false), "not_for_us");
  expect_drop(Frame{other}.vlan(7), "not_for_us");
}

TEST_F(HostileSenders, OurOwnFramesComeBack) {
  expect_drop(from_client({kWeb, 1}).eth(kNode0, kNode0), "own_frame");
  expect_drop(from_client({kDns6, 1}).eth(kNode0, kNode0), "own_frame");
  expect_drop(frame().eth(kBroadcast, kNode0).arp(1, kNode0, "10.0.0.1", kNobody, "10.0.0.254"), "own_frame");
  EXPECT_EQ(counted(DropReason::own_frame), kOffers * 3);
}

TEST_F(HostileSenders, BroadcastIsNeverForwarded) {
  expect_punt(from_client({kWeb, 1}).eth(kBroadcast, kClient), "rest");
  expect_punt(from_client({kDns6, 1}).eth("33:33:00:00:00:01", kClient), "rest");
  expect_punt(frame().eth(kBroadcast, kClient).ip("10.0.0.5", "255.255.255.255").udp(68, 67), "rest");
}

TEST_F(HostileSenders, AnEchoFromAGroup) {
  expect_drop(frame().eth(kNode0, "01:00:5e:00:00:01").ip("10.0.0.5", "10.0.0.100").icmp(kIcmpEchoRequest), "martian_source");
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U) << "answering would multiply it";
}

TEST_F(HostileSenders, ArpThatCannotBe) {
  const auto arp = [](std::string_view sender_mac = kClient) {
    return frame().eth(kBroadcast, kClient).arp(1, sender_mac, "10.0.0.5", kNobody, "10.0.0.100");
  };
  const auto with = [&](std::size_t at, std::uint8_t value) { return arp().edit([at, value](Bytes& bytes) { bytes[14 + at] = value; }); };
  expect_drop(with(1, 6), "bad_arp");   // not Ethernet
  expect_drop(with(3, 6), "bad_arp");   // not IPv4
  expect_drop(with(4, 8), "bad_arp");   // length of a MAC
  expect_drop(with(5, 16), "bad_arp");  // length of an address
  for (const std::uint8_t operation : Octets{0, 3, 255}) expect_drop(with(7, operation), "bad_arp");
  for (const std::string_view sender : {kBroadcast, kNobody, std::string_view{"01:00:5e:00:00:01"}}) expect_drop(arp(sender), "bad_arp");
}

TEST_F(HostileSenders, NeighboursThatForgeVips) {
  for (const char* vip : {"10.0.0.100", "10.0.0.101"})
    for (const std::uint16_t operation : Words{1, 2})
      expect_drop(frame().eth(kBroadcast, kClient).arp(operation, kClient, vip, kNobody, "10.0.0.254"), "source_is_vip");
  const Frame forged =
      frame().eth("33:33:ff:00:01:00", kClient).ip("fd00::101", "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, "fd00::100");
  expect_drop(forged, "source_is_vip");
}

TEST_F(HostileSenders, SolicitationsThatCannotBe) {
  const auto asks = [](std::string_view source = "fd00::5", const Bytes& options = {}) {
    return frame().eth("33:33:ff:00:01:00", kClient).ip(source, "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, "fd00::100", 0, options);
  };
  expect_drop(asks().ttl(254), "bad_neighbour_discovery");                                    // from beyond a router
  expect_drop(asks().edit([](Bytes& bytes) { bytes[56] ^= 1; }), "bad_neighbour_discovery");  // its checksum
  expect_drop(asks("fd00::5", {1, 0, 2, 0, 0, 0, 0xaa, 5}), "bad_neighbour_discovery");       // an option of no length
  expect_drop(asks("fd00::5", {1, 2, 2, 0, 0, 0, 0xaa, 5}), "bad_neighbour_discovery");       // one beyond the end
  expect_drop(asks("fd00::5", {1, 1, 0x33, 0x33, 0, 0, 0, 1}), "bad_neighbour_discovery");    // answer to a group
  expect_drop(asks("::", {1, 1, 2, 0, 0, 0, 0xaa, 5}), "bad_neighbour_discovery");            // a probe with a sender
  expect_drop(frame().eth(kNode0, kClient).ip("::", "fd00::100").neighbour(kNdNeighbourSolicit, "fd00::100"), "bad_neighbour_discovery");
  expect_drop(asks().extension(60), "bad_neighbour_discovery");  // RFC 6980
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U);
}

}  // namespace
}  // namespace tandem::test
