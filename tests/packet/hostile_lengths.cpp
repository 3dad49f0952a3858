// SPDX-License-Identifier: Apache-2.0
// Frames that end too soon, at and around every header's boundary, and lengths that lie.
#include "tests/packet/hostile.h"

namespace tandem::test {
namespace {

constexpr std::size_t kEth = 14, kTag = 4, kIp4 = 20, kIp6 = 40;

class HostileLengths : public Hostile {
 protected:
  // At each boundary, one byte before it and one behind it, all short of the whole.
  void expect_cuts(const Frame& frame, std::initializer_list<std::size_t> boundaries) {
    const std::size_t whole = frame.bytes().size();
    for (const std::size_t boundary : boundaries)
      for (const std::size_t bytes : {boundary - 1, boundary, boundary + 1})
        if (bytes < whole) expect_cut_drop(frame, bytes, "truncated");
  }
  // Cut inside what follows the IP header, with IP lengths that know of it.
  static Frame shortened4(std::uint8_t protocol, std::size_t l4_bytes) { return to_vip().protocol(protocol).payload(l4_bytes); }
  static Frame shortened6(std::uint8_t protocol, std::size_t l4_bytes) { return to_vip6().protocol(protocol).payload(l4_bytes); }
};

TEST_F(HostileLengths, NothingAtAll) {
  expect_drop(Bytes{}, "truncated");
  for (std::size_t bytes = 1; bytes < kEth; ++bytes) expect_cut_drop(from_client({kWeb, 1}), bytes, "truncated");
  EXPECT_EQ(counted(DropReason::truncated), kOffers + 13 * (1 + kOffers));
}

TEST_F(HostileLengths, TcpCutAtEveryBoundary) {
  expect_cuts(from_client({kWeb, 1}).payload(10), {kEth, kEth + kIp4, kEth + kIp4 + 20});
  expect_cuts(from_client({kWeb6, 1}).payload(10), {kEth, kEth + kIp6, kEth + kIp6 + 20});
  expect_cuts(from_client({kDirectWeb, 1}), {kEth, kEth + kIp4, kEth + kIp4 + 20});
}

TEST_F(HostileLengths, UdpCutAtEveryBoundary) {
  expect_cuts(from_client({kDns, 1}).payload(10), {kEth, kEth + kIp4, kEth + kIp4 + 8});
  expect_cuts(from_client({kDns6, 1}).payload(10), {kEth, kEth + kIp6, kEth + kIp6 + 8});
  expect_cuts(from_client({kDirectDns6, 1}), {kEth, kEth + kIp6, kEth + kIp6 + 8});
}

TEST_F(HostileLengths, TaggedFramesCutAtEveryBoundary) {
  expect_cuts(from_client({kWeb, 1}).vlan(0, 3), {kEth, kEth + kTag, kEth + kTag + kIp4, kEth + kTag + kIp4 + 20});
  expect_cuts(from_client({kDns6, 1}).vlan(0, 3), {kEth, kEth + kTag, kEth + kTag + kIp6, kEth + kTag + kIp6 + 8});
}

TEST_F(HostileLengths, ArpCutAnywhere) {
  const Frame question = frame().eth("ff:ff:ff:ff:ff:ff", kClient).arp(1, kClient, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.100");
  for (std::size_t bytes = kEth; bytes < kEth + 28; ++bytes) expect_cut_drop(question, bytes, "truncated");
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U);
}

TEST_F(HostileLengths, SolicitationsCutAnywhere) {
  const Frame asks =
      frame().eth("33:33:ff:00:01:00", kClient).ip("fd00::5", "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, "fd00::100");
  for (std::size_t bytes = kEth; bytes < kEth + kIp6 + 24; ++bytes) expect_cut_drop(asks, bytes, "truncated");
  for (std::uint16_t left = 8; left < 24; ++left) {  // and an IP header that knows of it
    Bytes cut = Frame{asks}.edit_ipv6([left](Ipv6Header& ip) { ip.payload_bytes = Be16{left}; }).bytes();
    cut.resize(kEth + kIp6 + left);
    expect_drop(cut, "bad_neighbour_discovery");
  }
}

TEST_F(HostileLengths, HeadersThatTheIpLengthCutsShort) {
  for (std::size_t bytes = 0; bytes < 20; ++bytes) {
    expect_drop(shortened4(6, bytes), "bad_l4_header");
    expect_drop(shortened6(6, bytes), "bad_l4_header");
  }
  for (std::size_t bytes = 0; bytes < 8; ++bytes) {
    for (const std::uint8_t protocol : Octets{17, 1}) expect_drop(shortened4(protocol, bytes), "bad_l4_header");
    for (const std::uint8_t protocol : Octets{17, 58}) expect_drop(shortened6(protocol, bytes), "bad_l4_header");
  }
}

TEST_F(HostileLengths, PaddingIsNoPartOfAShortPacket) {
  for (const std::uint8_t protocol : Octets{6, 17}) {
    expect_drop(shortened4(protocol, 4).pad_to(60), "bad_l4_header");
    expect_drop(shortened6(protocol, 4).pad_to(90), "bad_l4_header");
  }
}

TEST_F(HostileLengths, Ipv4TotalLengthLies) {
  const auto with_total = [](std::uint16_t bytes) {
    return to_vip().tcp(1, 80, kTcpSyn).payload(6).edit_ipv4([bytes](Ipv4Header& ip) { ip.total_bytes = Be16{bytes}; });
  };
  for (const std::uint16_t bytes : Words{0, 1, 19}) expect_drop(with_total(bytes), "bad_ip_header");
  for (const std::uint16_t bytes : Words{20, 21, 39}) expect_drop(with_total(bytes), "bad_l4_header");
  for (const std::uint16_t bytes : Words{47, 1500, 0xffff}) expect_drop(with_total(bytes), "truncated");
}

TEST_F(HostileLengths, Ipv4HeaderLengthLies) {
  const auto with_words = [](std::uint8_t words) {
    return to_vip().tcp(1, 80, kTcpSyn).edit_ipv4([words](Ipv4Header& ip) { ip.version_words = static_cast<std::uint8_t>(0x40 | words); });
  };
  for (const std::uint8_t words : Octets{0, 1, 4}) expect_drop(with_words(words), "bad_ip_header");
  expect_drop(with_words(6), "bad_ip_checksum");
  for (const std::uint8_t words : Octets{11, 15}) expect_drop(with_words(words), "bad_ip_header");
}

TEST_F(HostileLengths, VersionsThatDoNotExist) {
  for (const unsigned version : {0U, 5U, 6U, 15U})
    expect_drop(to_vip().tcp(1, 80, kTcpSyn).edit_ipv4([version](Ipv4Header& ip) {
      ip.version_words = static_cast<std::uint8_t>(version << 4 | 5);
    }),
                "bad_ip_header");
  for (const unsigned version : {0U, 4U, 7U, 15U})
    expect_drop(to_vip6().tcp(1, 80, kTcpSyn).edit_ipv6([version](Ipv6Header& ip) { ip.version_class_flow = Be32{version << 28}; }),
                "bad_ip_header");
}

TEST_F(HostileLengths, Ipv6PayloadLengthLies) {
  const auto with_payload = [](std::uint16_t bytes) {
    return to_vip6().tcp(1, 80, kTcpSyn).payload(6).edit_ipv6([bytes](Ipv6Header& ip) { ip.payload_bytes = Be16{bytes}; });
  };
  for (const std::uint16_t bytes : Words{0, 1, 19}) expect_drop(with_payload(bytes), "bad_l4_header");
  for (const std::uint16_t bytes : Words{27, 1460, 0xffff}) expect_drop(with_payload(bytes), "truncated");
}

TEST_F(HostileLengths, UdpLengthLies) {
  for (const Frame& base : {to_vip().udp(1, 53).payload(10), to_vip6().udp(1, 53).payload(10)})
    for (const std::uint16_t bytes : Words{0, 1, 7, 19, 0xffff})
      expect_drop(Frame{base}.edit_udp([bytes](UdpHeader& udp) { udp.length_bytes = Be16{bytes}; }), "bad_l4_header");
}

TEST_F(HostileLengths, TcpOffsetLies) {
  for (const Frame& base : {to_vip().tcp(1, 80, kTcpAck).payload(3), to_vip6().tcp(1, 80, kTcpAck).payload(3)})
    for (const unsigned words : {0U, 1U, 4U, 6U, 15U})
      expect_drop(Frame{base}.edit_tcp([words](TcpHeader& tcp) { tcp.offset_words = static_cast<std::uint8_t>(words << 4); }),
                  "bad_l4_header");
}

TEST_F(HostileLengths, TheSameLiesAboutAConnectionThatExists) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  expect_drop(from_client(flow, kTcpAck).edit_tcp([](TcpHeader& tcp) { tcp.offset_words = 0; }), "bad_l4_header");
  expect_drop(from_client(flow, kTcpAck).edit_ipv4([](Ipv4Header& ip) { ip.total_bytes = Be16{39}; }), "bad_l4_header");
  expect_cut_drop(from_client(flow, kTcpRst), 53, "truncated");
  expect_cut_drop(from_server(flow, server, kTcpRst), 53, "truncated", kP1);
  EXPECT_EQ(entries(ConnState::established), 1U);
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::received_packets), 2U);
}

}  // namespace
}  // namespace tandem::test
