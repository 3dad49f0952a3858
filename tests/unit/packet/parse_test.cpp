// SPDX-License-Identifier: Apache-2.0
// The parser against friends and enemies. Every frame ends at a page without access.
#include "dataplane/packet/parse.h"

#include <gtest/gtest.h>

#include <random>

#include "common/net/checksum.h"
#include "dataplane/packet/parse_plain.h"
#include "tests/support/guarded.h"
#include "tests/support/packet_builder.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

constexpr std::string_view kTo = "02:00:00:00:00:01", kFrom = "02:00:00:00:00:aa";

Frame v4() { return frame().eth(kTo, kFrom).ipv4("10.0.0.1", "10.0.0.2"); }
Frame v6() { return frame().eth(kTo, kFrom).ipv6("fd00::1", "fd00::2"); }

Packet parsed(std::span<const std::uint8_t> bytes) {
  Guarded guarded{bytes};
  Packet packet{};
  packet.frame = guarded.data();
  packet.frame_bytes = packet.readable_bytes = static_cast<std::uint32_t>(guarded.size());
  parse(packet);
  return packet;
}

Packet parsed(const Frame& frame) { return parsed(frame.bytes()); }

void expect_wrong(const Frame& frame, DropReason reason, PacketKind kind = PacketKind::malformed) {
  const Packet packet = parsed(frame);
  EXPECT_EQ(packet.kind, kind) << to_line(frame.bytes());
  EXPECT_EQ(name_of(packet.reason), name_of(reason)) << to_line(frame.bytes());
}

void expect_bad_l4(const Frame& frame, DropReason reason = DropReason::bad_l4_header) {
  expect_wrong(frame, reason, PacketKind::malformed_l4);
}

TEST(Parse, FindsTcpOverIpv4) {
  const Packet packet = parsed(v4().tcp(1000, 80, kTcpSyn | kTcpAck).payload(10));
  EXPECT_EQ(packet.kind, PacketKind::transport);
  EXPECT_EQ(packet.family, Family::ipv4);
  EXPECT_EQ(packet.protocol, 6);
  EXPECT_EQ(packet.l3_offset, 14);
  EXPECT_EQ(packet.l4_offset, 34);
  EXPECT_EQ(packet.ip_bytes, 50);
  EXPECT_EQ(packet.source_port, Be16{1000});
  EXPECT_EQ(packet.target_port, Be16{80});
  EXPECT_EQ(packet.l4_flags, kTcpSyn | kTcpAck);
  EXPECT_EQ(packet.vlan, 0);
}

TEST(Parse, FindsUdpOverIpv6BehindATag) {
  const Packet packet = parsed(v6().vlan(7, 3).udp(1000, 53).payload(10));
  EXPECT_EQ(packet.kind, PacketKind::transport);
  EXPECT_EQ(packet.family, Family::ipv6);
  EXPECT_EQ(packet.vlan, 7);
  EXPECT_EQ(packet.l3_offset, 18);
  EXPECT_EQ(packet.l4_offset, 58);
  EXPECT_EQ(packet.ip_bytes, 58);
  EXPECT_EQ(packet.target_port, Be16{53});
}

TEST(Parse, PriorityTagIsNoVlan) { EXPECT_EQ(parsed(v4().vlan(0, 5).udp(1, 2)).vlan, 0); }

TEST(Parse, PaddingBehindThePacketIsFine) {
  const Packet packet = parsed(v4().tcp(1, 2, kTcpAck).pad_to(60));
  EXPECT_EQ(packet.kind, PacketKind::transport);
  EXPECT_EQ(packet.ip_bytes, 40);
  EXPECT_EQ(packet.frame_bytes, 60U);
}

TEST(Parse, Ipv4OptionsAreSteppedOver) {
  const Packet packet = parsed(v4().options({1, 7, 7, 4, 0, 0, 0, 0, 0}).tcp(1, 2, kTcpAck));
  EXPECT_EQ(packet.kind, PacketKind::transport);
  EXPECT_EQ(packet.l4_offset, 14 + 20 + 12);
}

TEST(Parse, ExtensionHeadersAreSteppedOver) {
  const Packet packet = parsed(v6().extension(0).extension(60, Bytes(14, 0)).extension(43).extension(51, Bytes(10, 0)).tcp(1, 2, kTcpAck));
  EXPECT_EQ(packet.kind, PacketKind::transport);
  EXPECT_EQ(packet.l4_offset, 14 + 40 + 8 + 16 + 8 + 12 + 4) << "AH is padded to 8";
}

TEST(Parse, NamesWhatItDoesNotForward) {
  EXPECT_EQ(parsed(v4().fragment(0, true).udp(1, 2)).kind, PacketKind::fragment);
  EXPECT_EQ(parsed(v4().fragment(8, false).payload(20)).kind, PacketKind::fragment);
  EXPECT_EQ(parsed(v6().fragment(0, true).udp(1, 2)).kind, PacketKind::fragment);
  EXPECT_EQ(parsed(v6().fragment(8, false).payload(20)).kind, PacketKind::fragment);
  EXPECT_EQ(parsed(v6().fragment(0, false).udp(1, 2)).kind, PacketKind::transport) << "an atomic one (RFC 6946)";
  EXPECT_EQ(parsed(v6().fragment(0, false).extension(60).udp(1, 2)).target_port, Be16{2});
  EXPECT_EQ(parsed(v6().protocol(44).payload(7)).reason, DropReason::bad_extension_header);
  EXPECT_EQ(parsed(v4().protocol(47).payload(20)).kind, PacketKind::other_protocol);
  EXPECT_EQ(parsed(v6().protocol(50).payload(20)).kind, PacketKind::other_protocol) << "ESP";
  EXPECT_EQ(parsed(v6().protocol(59)).kind, PacketKind::other_protocol) << "no next header";
  EXPECT_EQ(parsed(v4().icmp(8)).kind, PacketKind::icmp);
  EXPECT_EQ(parsed(v4().protocol(58).payload(20)).kind, PacketKind::other_protocol) << "ICMPv6 in IPv4 is nothing";
  EXPECT_EQ(parsed(v6().protocol(1).payload(20)).kind, PacketKind::other_protocol);
  EXPECT_EQ(parsed(frame().eth(kTo, kFrom).type(0x88cc).payload(46)).kind, PacketKind::other_ethernet);
  EXPECT_EQ(parsed(v4().vlan(5, 0, kEtherQinq).vlan(6).udp(1, 2)).kind, PacketKind::other_ethernet);
  EXPECT_EQ(parsed(v4().vlan(5).vlan(6).udp(1, 2)).kind, PacketKind::other_ethernet);
}

TEST(Parse, Ipv4HeaderMustBeRight) {
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x65; }), DropReason::bad_ip_header);
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x44; }), DropReason::bad_ip_header);
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x40; }), DropReason::bad_ip_header);
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.total_bytes = Be16{19}; }), DropReason::bad_ip_header);
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.total_bytes = Be16{0}; }), DropReason::bad_ip_header);
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.total_bytes = Be16{29}; }), DropReason::truncated);
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.total_bytes = Be16{0xffff}; }), DropReason::truncated);
  expect_wrong(v4().udp(1, 2).edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x4f, ip.total_bytes = Be16{60}; }), DropReason::truncated);
}

TEST(Parse, EveryBitOfTheIpv4HeaderIsSummed) {
  const Bytes good = v4().options({1, 1, 1, 1}).udp(1, 2).bytes();
  for (std::size_t bit = 0; bit < 24 * 8; ++bit) {
    Bytes bad = good;
    bad[14 + bit / 8] = static_cast<std::uint8_t>(bad[14 + bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(parsed(bad).kind, PacketKind::malformed) << "bit " << bit;
  }
}

TEST(Parse, Ipv4OptionsMustFit) {
  for (const Bytes& options : {Bytes{7}, Bytes{1, 1, 1, 7}, Bytes{7, 5, 0, 0}, Bytes{7, 1, 0, 0}, Bytes{7, 0, 0, 0}, Bytes{1, 1, 68, 255}})
    expect_wrong(v4().options(options).udp(1, 2), DropReason::bad_ip_header);
}

TEST(Parse, OptionsEndAtEndOfList) { EXPECT_EQ(parsed(v4().options({0, 7, 99, 0}).udp(1, 2)).kind, PacketKind::transport); }

TEST(Parse, Ipv6HeaderMustBeRight) {
  expect_wrong(v6().udp(1, 2).edit_ipv6([](Ipv6Header& ip) { ip.version_class_flow = Be32{0x40000000}; }), DropReason::bad_ip_header);
  expect_wrong(v6().udp(1, 2).edit_ipv6([](Ipv6Header& ip) { ip.payload_bytes = Be16{9}; }), DropReason::truncated);
  expect_wrong(v6().udp(1, 2).edit_ipv6([](Ipv6Header& ip) { ip.payload_bytes = Be16{0xffff}; }), DropReason::truncated);
  expect_bad_l4(v6().udp(1, 2).edit_ipv6([](Ipv6Header& ip) { ip.payload_bytes = Be16{0}; }));
}

TEST(Parse, ExtensionHeadersMustBeSound) {
  const auto bad = [](const Frame& frame) { expect_bad_l4(frame, DropReason::bad_extension_header); };
  bad(v6().extension(60).extension(0).udp(1, 2));                                          // hop-by-hop is only ever first
  bad(v6().extension(43, {0, 1, 0, 0, 0, 0}).udp(1, 2));                                   // a waypoint's
  bad(v6().extension(60).udp(1, 2).edit([](Bytes& bytes) { bytes[14 + 40 + 1] = 255; }));  // longer than the packet
  bad(v6().extension(60).edit_ipv6([](Ipv6Header& ip) { ip.payload_bytes = Be16{7}; }));   // ends inside
  Frame many = v6();
  for (unsigned i = 0; i <= kMaxExtensionHeaders; ++i) many.extension(60);
  bad(many.udp(1, 2));
}

TEST(Parse, AsManyExtensionHeadersAsAllowed) {
  Frame many = v6();
  for (unsigned i = 0; i < kMaxExtensionHeaders; ++i) many.extension(60);
  EXPECT_EQ(parsed(many.udp(1, 2)).kind, PacketKind::transport);
}

TEST(Parse, TcpHeaderMustFit) {
  for (Frame (*start)() : {+[] { return v4(); }, +[] { return v6(); }}) {
    expect_bad_l4(start().tcp(1, 2, kTcpAck).edit_tcp([](TcpHeader& tcp) { tcp.offset_words = 4 << 4; }));
    expect_bad_l4(start().tcp(1, 2, kTcpAck).edit_tcp([](TcpHeader& tcp) { tcp.offset_words = 0; }));
    expect_bad_l4(start().tcp(1, 2, kTcpAck).edit_tcp([](TcpHeader& tcp) { tcp.offset_words = 15 << 4; }));
    EXPECT_EQ(parsed(start().tcp(1, 2, kTcpAck).payload(40).edit_tcp([](TcpHeader& tcp) { tcp.offset_words = 15 << 4; })).kind,
              PacketKind::transport);
    expect_bad_l4(start().protocol(6).payload(19));
  }
}

TEST(Parse, UdpLengthMustFit) {
  for (Frame (*start)() : {+[] { return v4(); }, +[] { return v6(); }}) {
    expect_bad_l4(start().udp(1, 2).payload(4).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{7}; }));
    expect_bad_l4(start().udp(1, 2).payload(4).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{0}; }));
    expect_bad_l4(start().udp(1, 2).payload(4).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{13}; }));
    expect_bad_l4(start().protocol(17).payload(7));
    EXPECT_EQ(parsed(start().udp(1, 2).payload(4).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{8}; })).kind,
              PacketKind::transport);
  }
}

// Cut after each byte: never sound before the end, and never a byte read behind the cut (the page would say so).
TEST(Parse, EveryTruncationIsNoticed) {
  const std::vector<Bytes> frames = {
      v4().tcp(1, 2, kTcpAck).payload(5).bytes(),
      v4().options({7, 4, 4, 0}).udp(1, 2).payload(5).bytes(),
      v6().udp(1, 2).payload(5).bytes(),
      v6().vlan(3).extension(0).extension(43).extension(51, Bytes(10, 0)).tcp(1, 2, kTcpAck).payload(5).bytes(),
      v4().icmp(8).payload(5).bytes(),
      v6().neighbour(kNdNeighbourSolicit, "fd00::2").bytes(),
      frame().eth(kTo, kFrom).arp(1, kFrom, "10.0.0.1", "00:00:00:00:00:00", "10.0.0.2").bytes(),
  };
  for (const Bytes& whole : frames) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Packet packet = parsed(std::span{whole}.first(length));
      EXPECT_EQ(packet.kind, PacketKind::malformed) << to_line(whole) << " cut to " << length;
      EXPECT_EQ(name_of(packet.reason), "truncated") << to_line(whole) << " cut to " << length;
    }
    EXPECT_NE(parsed(whole).kind, PacketKind::malformed) << to_line(whole);
  }
}

// A chain: the first segment ends early, though the frame is whole.
TEST(Parse, FirstSegmentIsAllThatIsRead) {
  const Bytes whole = v6().extension(60).tcp(1, 2, kTcpAck).payload(5).bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Guarded guarded{std::span{whole}.first(length)};
    Packet packet{};
    packet.frame = guarded.data();
    packet.frame_bytes = static_cast<std::uint32_t>(whole.size());
    packet.readable_bytes = static_cast<std::uint32_t>(length);
    parse(packet);
    EXPECT_EQ(packet.kind == PacketKind::transport, length >= 14 + 40 + 8 + 20) << length;
  }
}

// The short cut for plain packets takes none that parse would name, and makes the same record of those it takes.
class PlainParse : public testing::Test {
 protected:
  static constexpr std::size_t kMtu = 1500;
  static std::uint64_t own_mac() {
    std::uint64_t word = 0;
    const MacAddress own = mac(kTo);
    std::memcpy(&word, own.bytes.data(), own.bytes.size());
    return word;
  }
  // VRID 7 for IPv4, 8 for IPv6.
  static TakenVrids vrids() {
    TakenVrids some;
    some.ipv4.add(7), some.ipv6.add(8);
    return some;
  }
  // Whether it was taken; if so, held against what parse says.
  static bool taken(std::span<const std::uint8_t> bytes) {
    Guarded guarded{bytes};
    Packet packet{}, reference{};
    packet.frame = reference.frame = guarded.data();
    packet.frame_bytes = packet.readable_bytes = reference.frame_bytes = reference.readable_bytes =
        static_cast<std::uint32_t>(guarded.size());
    PlainIpv4 plain;
    const bool ipv4 = parse_plain(packet, own_mac(), vrids().ipv4, kMtu, plain);
    if (!ipv4 && !parse_plain_ipv6(packet, own_mac(), vrids().ipv6, kMtu)) return false;
    parse(reference);
    EXPECT_EQ(reference.kind, PacketKind::transport) << to_line(bytes);
    EXPECT_EQ(std::memcmp(&packet, &reference, sizeof packet), 0) << "the records differ for " << to_line(bytes);
    if (!ipv4) return true;
    EXPECT_EQ(plain.source, reference.ipv4().source.value.wire);
    EXPECT_EQ(plain.target, reference.ipv4().target.value.wire);
    EXPECT_EQ(plain.source_port, reference.source_port.wire);
    EXPECT_EQ(plain.target_port, reference.target_port.wire);
    EXPECT_EQ(plain.protocol, reference.protocol);
    EXPECT_EQ(plain.ttl, reference.hop_limit());
    return true;
  }
  static bool taken(const Frame& frame) { return taken(frame.bytes()); }
};

TEST_F(PlainParse, TakesPlainPackets) {
  EXPECT_TRUE(taken(v4().tcp(1000, 80, kTcpAck).pad_to(60)));
  EXPECT_TRUE(taken(v4().tcp(1000, 80, kTcpAck | kTcpFin).payload(1460)));
  EXPECT_TRUE(taken(v4().udp(1000, 80).payload(40)));
  EXPECT_TRUE(taken(v4().udp_without_checksum(1000, 80).payload(1472)));
  EXPECT_TRUE(taken(v6().tcp(1000, 80, kTcpAck)));
  EXPECT_TRUE(taken(v6().tcp(1000, 80, kTcpAck | kTcpFin).payload(1440).ttl(1)));
  EXPECT_TRUE(taken(v6().udp(1000, 80).payload(40)));
}

TEST_F(PlainParse, LeavesTheOddToParse) {
  EXPECT_FALSE(taken(v4().eth("02:00:00:00:00:02", kFrom).udp(1, 2).payload(40)));
  EXPECT_FALSE(taken(v4().eth(kTo, kTo).udp(1, 2).payload(40))) << "our own frame";
  EXPECT_FALSE(taken(v4().vlan(7).udp(1, 2).payload(40)));
  EXPECT_FALSE(taken(v6().eth("02:00:00:00:00:02", kFrom).udp(1, 2).payload(40)));
  EXPECT_FALSE(taken(v6().eth(kTo, kTo).udp(1, 2).payload(40))) << "our own frame";
  EXPECT_FALSE(taken(v6().vlan(7).udp(1, 2).payload(40)));
  EXPECT_FALSE(taken(v6().extension(60).udp(1, 2).payload(40)));
  EXPECT_FALSE(taken(v6().icmp(128).payload(40)));
  EXPECT_FALSE(taken(v6().udp(1, 2).payload(1453))) << "beyond the MTU";
  EXPECT_FALSE(taken(v6().udp(1, 2).payload(8))) << "shorter than a TCP header would need";
  EXPECT_FALSE(taken(v4().options({1, 1, 1, 1}).udp(1, 2).payload(40)));
  EXPECT_FALSE(taken(v4().fragment(0, true).udp(1, 2).payload(40)));
  EXPECT_FALSE(taken(v4().fragment(8, false).protocol(17).payload(40)));
  EXPECT_FALSE(taken(v4().icmp(8).payload(40)));
  EXPECT_FALSE(taken(v4().protocol(47).payload(40)));
  EXPECT_FALSE(taken(v4().udp(1, 2).payload(1473))) << "beyond the MTU";
}

TEST_F(PlainParse, TakesTheVirtualMacsOfItsFamilyThatAreTaken) {
  const auto to = [](Frame frame, const char* target) { return frame.eth(target, kFrom).udp(1, 2).payload(40); };
  EXPECT_TRUE(taken(to(v4(), "00:00:5e:00:01:07")));
  EXPECT_TRUE(taken(to(v6(), "00:00:5e:00:02:08")));
  for (const char* other : {"00:00:5e:00:01:08", "00:00:5e:00:02:07", "00:00:5e:00:03:07", "00:00:5e:00:01:c7", "01:00:5e:00:01:07"}) {
    EXPECT_FALSE(taken(to(v4(), other))) << other;
    EXPECT_FALSE(taken(to(v6(), other))) << other;
  }
  EXPECT_FALSE(taken(to(v4(), "00:00:5e:00:02:08"))) << "the other family's: odd, though not wrong";
  EXPECT_FALSE(taken(v4().eth(kTo, "00:00:5e:00:01:09").udp(1, 2).payload(40))) << "nobody forwards from such a MAC";
}

TEST_F(PlainParse, TakesEveryPortAndTtlAndNoDamagedHeader) {
  const Bytes good = v4().ttl(17).udp(1000, 80).payload(40).bytes();
  ASSERT_TRUE(taken(good));
  for (std::size_t bit = 0; bit < 34 * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1 << bit % 8);
    const bool source_mac = bit / 8 >= 6 && bit / 8 < 12;
    EXPECT_EQ(taken(bad), source_mac) << "bit " << bit;
  }
}

TEST_F(PlainParse, TakesOnlyWhatParseTakes) {
  std::mt19937 chance{20240611};
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(chance); };
  const std::vector<Bytes> frames = {v4().tcp(1, 2, kTcpAck).payload(9).bytes(), v4().udp(1, 2).payload(30).bytes(),
                                     v6().tcp(1, 2, kTcpAck).payload(9).bytes(), v6().udp(1, 2).payload(30).bytes()};
  std::size_t count = 0;
  for (unsigned round = 0; round < 10000; ++round) {
    Bytes bytes = frames[below(frames.size())];
    for (std::size_t changes = below(3); changes > 0; --changes) bytes[12 + below(bytes.size() - 12)] = static_cast<std::uint8_t>(chance());
    auto& ip = *reinterpret_cast<Ipv4Header*>(bytes.data() + 14);
    if (below(2) == 0 && ip.version() == 4) ip.checksum = Be16{}, ip.checksum = finish_checksum(sum_bytes(&ip, sizeof ip));
    bytes.resize(bytes.size() - (below(3) == 0 ? below(bytes.size() - 34) : 0));
    count += taken(bytes);
  }
  EXPECT_GT(count, 2000U);
}

// Seeded, so that a failure comes back: sound frames with a few bytes changed and the end cut off.
TEST(Parse, SurvivesDamage) {
  std::mt19937 chance{20240607};
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n - 1}(chance); };
  const std::vector<Bytes> frames = {v4().options({7, 4, 4, 0}).tcp(1, 2, kTcpAck).payload(9).bytes(),
                                     v6().vlan(3).extension(0).extension(60, Bytes(14, 0)).udp(1, 2).payload(9).bytes(),
                                     v6().extension(51, Bytes(10, 0)).fragment(8, true).payload(9).bytes(),
                                     v4().icmp(3).payload(28).bytes()};
  for (unsigned round = 0; round < 5000; ++round) {
    Bytes bytes = frames[below(frames.size())];
    for (std::size_t changes = below(4); changes > 0; --changes) bytes[12 + below(bytes.size() - 12)] = static_cast<std::uint8_t>(chance());
    bytes.resize(bytes.size() - (below(3) == 0 ? below(bytes.size()) : 0));
    const Packet packet = parsed(bytes);
    if (packet.kind != PacketKind::transport) continue;
    ASSERT_LE(packet.l4_offset + 8U, bytes.size()) << "round " << round;
    ASSERT_LE(packet.l3_offset + packet.ip_bytes, bytes.size()) << "round " << round;
  }
}

}  // namespace
}  // namespace tandem::test
