// SPDX-License-Identifier: Apache-2.0
// What an ICMP error quotes, read beside a slow and obvious reader. Every error ends at a page without access.
#include "dataplane/packet/quote.h"

#include <gtest/gtest.h>

#include <random>

#include "dataplane/packet/icmp.h"
#include "dataplane/packet/parse.h"
#include "tests/support/guarded.h"
#include "tests/support/packet_builder.h"
#include "tests/support/packet_text.h"
#include "tests/support/slow_quote.h"

namespace tandem::test {
namespace {

constexpr std::string_view kTo = "02:00:00:00:00:01", kFrom = "02:00:00:00:00:aa";

Frame quoted4() { return frame().eth(kTo, kFrom).ipv4("10.0.0.100", "10.0.0.5"); }
Frame quoted6() { return frame().eth(kTo, kFrom).ipv6("fd00::100", "fd00::5"); }

Bytes packet_in(const Frame& frame) {
  const Bytes bytes = frame.bytes();
  return Bytes(bytes.begin() + sizeof(EthHeader), bytes.end());
}

Bytes error_about(bool ipv6, const Bytes& quote) {
  Frame error = frame().eth(kTo, kFrom);
  if (ipv6) return error.ipv6("2001:db8::1", "fd00::100").icmp(kIcmpv6Unreachable).payload(quote).bytes();
  return error.ipv4("192.0.2.1", "10.0.0.100").icmp(kIcmpUnreachable).payload(quote).bytes();
}

std::string_view told(DropReason wrong) { return wrong == DropReason::count_ ? "nothing is wrong" : name_of(wrong); }

// Held against the slow reader, whatever it is.
SlowQuote read(bool ipv6, const Bytes& quote) {
  Guarded guarded{error_about(ipv6, quote)};
  Packet error{}, quoted{};
  error.frame = guarded.data();
  error.frame_bytes = error.readable_bytes = static_cast<std::uint32_t>(guarded.size());
  parse(error);
  EXPECT_TRUE(is_icmp_error(error));
  EXPECT_TRUE(icmp_checksum_is_right(error));
  const SlowQuote expected = slow_quote(ipv6, quote);
  const DropReason wrong = read_quote(error, quoted);
  EXPECT_EQ(told(wrong), told(expected.wrong)) << to_hex(quote);
  if (wrong != DropReason::count_ || expected.wrong != DropReason::count_) return expected;
  EXPECT_EQ(quoted.protocol, expected.protocol);
  EXPECT_EQ(quoted.l4_offset, expected.l4_offset) << to_hex(quote);
  EXPECT_EQ(quoted.readable_bytes, expected.bytes) << to_hex(quote);
  EXPECT_EQ(quoted.source_port.host(), expected.source_port);
  EXPECT_EQ(quoted.target_port.host(), expected.target_port);
  return expected;
}

SlowQuote read(const Frame& quoted, std::size_t bytes = 65535) {
  Bytes quote = packet_in(quoted);
  quote.resize(std::min(quote.size(), bytes));
  return read(quote[0] >> 4 == 6, quote);
}

void expect_ports(const SlowQuote& got) {
  EXPECT_EQ(got.wrong, DropReason::count_);
  EXPECT_EQ(got.source_port, 80U);
  EXPECT_EQ(got.target_port, 40000U);
}

TEST(Quote, NamesItsFlowOnceItsPortsAndFourMoreBytesAreThere) {
  for (const auto& [quoted, header] : {std::pair{quoted4(), 20U}, {quoted6(), 40U}, {quoted4().options(Bytes(40, 1)), 60U}}) {
    for (std::size_t bytes = 1; bytes <= header + 30; ++bytes) {
      const SlowQuote tcp = read(Frame{quoted}.tcp(80, 40000, kTcpAck).payload(20), bytes);
      if (bytes >= header + 8) expect_ports(tcp);
      else EXPECT_NE(tcp.wrong, DropReason::count_) << bytes;
    }
    expect_ports(read(Frame{quoted}.udp(80, 40000)));
  }
}

TEST(Quote, OfNothingIsNone) {
  for (const bool ipv6 : {false, true}) EXPECT_EQ(read(ipv6, {}).wrong, DropReason::bad_icmp_quote);
}

TEST(Quote, LooksThroughExtensionsUpToTheirNumber) {
  Frame chain = quoted6();
  for (unsigned headers = 1; headers <= 8; ++headers) {
    chain.extension(60);
    const SlowQuote got = read(Frame{chain}.udp(80, 40000));
    EXPECT_EQ(got.wrong, headers <= 6 ? DropReason::count_ : DropReason::bad_icmp_quote) << headers;
  }
  expect_ports(read(quoted6().extension(0).extension(43).extension(51, Bytes(10, 0)).tcp(80, 40000, kTcpAck)));
  EXPECT_EQ(read(quoted6().extension(60).extension(0).udp(80, 40000)).wrong, DropReason::bad_icmp_quote) << "hop-by-hop is only ever first";
  EXPECT_EQ(read(quoted6().extension(59)).wrong, DropReason::icmp_error_unknown_flow);
}

TEST(Quote, OfAFragmentHasPortsWhenItIsTheFirst) {
  for (const Frame& quoted : {quoted4(), quoted6()}) {
    expect_ports(read(Frame{quoted}.fragment(0, true).udp(80, 40000)));
    EXPECT_EQ(read(Frame{quoted}.fragment(8, true).udp(80, 40000)).wrong, DropReason::icmp_quotes_fragment);
    EXPECT_EQ(read(Frame{quoted}.fragment(1480, false).udp(80, 40000)).wrong, DropReason::icmp_quotes_fragment);
  }
  expect_ports(read(quoted6().fragment(0, true).extension(60).udp(80, 40000)));
}

TEST(Quote, OfNeitherTcpNorUdpIsOfNoFlow) {
  EXPECT_EQ(read(quoted4().icmp(kIcmpEchoReply)).wrong, DropReason::icmp_error_unknown_flow);
  EXPECT_EQ(read(quoted4().icmp(kIcmpUnreachable).payload(28)).wrong, DropReason::icmp_error_unknown_flow);
  EXPECT_EQ(read(quoted6().icmp(kIcmpv6Unreachable).payload(48)).wrong, DropReason::icmp_error_unknown_flow);
  EXPECT_EQ(read(quoted4().protocol(58).payload(48)).wrong, DropReason::icmp_error_unknown_flow) << "ICMPv6 in IPv4";
}

TEST(Quote, LengthsThatLie) {
  const Frame tcp = quoted4().tcp(80, 40000, kTcpAck);
  for (const std::uint16_t total : std::initializer_list<std::uint16_t>{0, 19, 20, 27}) {
    const auto lie = [total](Ipv4Header& ip) { ip.total_bytes = Be16{total}; };
    EXPECT_EQ(read(Frame{tcp}.edit_ipv4(lie)).wrong, DropReason::bad_icmp_quote) << total;
  }
  EXPECT_EQ(read(Frame{tcp}.edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x44; })).wrong, DropReason::bad_icmp_quote);
  EXPECT_EQ(read(Frame{tcp}.edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x4f; })).wrong, DropReason::bad_icmp_quote);
  EXPECT_EQ(read(Frame{tcp}.edit_ipv4([](Ipv4Header& ip) { ip.total_bytes = Be16{65535}; })).wrong, DropReason::count_) << "it was cut";
  const Frame udp6 = quoted6().udp(80, 40000);
  EXPECT_EQ(read(Frame{udp6}.edit_ipv6([](Ipv6Header& ip) { ip.payload_bytes = Be16{7}; })).wrong, DropReason::bad_icmp_quote);
  EXPECT_EQ(read(false, packet_in(udp6)).wrong, DropReason::bad_icmp_quote) << "IPv6 quoted by ICMP";
  EXPECT_EQ(read(true, packet_in(tcp)).wrong, DropReason::bad_icmp_quote) << "IPv4 quoted by ICMPv6";
}

// Bytes of good quotes overwritten at random, the same at every run.
TEST(Quote, WhateverItIsBothReadersSayTheSame) {
  std::mt19937 random{7};
  const auto below = [&](std::size_t limit) { return random() % limit; };
  const std::vector<Bytes> good{packet_in(quoted4().tcp(80, 40000, kTcpAck).payload(20)),
                                packet_in(quoted4().options(Bytes(8, 1)).udp(80, 40000)),
                                packet_in(quoted6().extension(0).extension(60).fragment(0, true).extension(60).udp(80, 40000)),
                                packet_in(quoted6().extension(43).extension(51, Bytes(10, 0)).tcp(80, 40000, kTcpAck))};
  std::size_t found = 0;
  for (unsigned i = 0; i < 20'000 && !testing::Test::HasFailure(); ++i) {
    Bytes quote = good[below(good.size())];
    for (std::size_t left = below(4); left != 0; --left)
      quote[below(quote.size())] = static_cast<std::uint8_t>(below(3) == 0 ? random() : below(64));
    if (below(4) == 0) quote.resize(below(quote.size() + 1));
    found += read(quote.empty() ? below(2) == 0 : good[2][0] >> 4 == quote[0] >> 4, quote).wrong == DropReason::count_;
  }
  EXPECT_GT(found, 2000U) << "else it shows little";
}

}  // namespace
}  // namespace tandem::test
