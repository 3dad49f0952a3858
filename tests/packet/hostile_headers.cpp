// SPDX-License-Identifier: Apache-2.0
// Headers that are whole, and wrong: checksums, options, chains of extension headers, fragments, hops.
#include "tests/packet/hostile.h"

namespace tandem::test {
namespace {

using HostileHeaders = Hostile;

TEST_F(HostileHeaders, IpChecksumsThatAreWrong) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  for (unsigned bit = 0; bit < 16; ++bit) {
    const auto flip = [bit](Ipv4Header& ip) { ip.checksum = Be16{static_cast<std::uint16_t>(ip.checksum.host() ^ 1U << bit)}; };
    expect_drop(from_client({kDns, 1}).edit_ipv4(flip, false), "bad_ip_checksum");
    expect_drop(from_client(flow, kTcpAck).edit_ipv4(flip, false), "bad_ip_checksum");
    expect_drop(from_server(flow, server, kTcpAck).edit_ipv4(flip, false), "bad_ip_checksum", kP1);
  }
  EXPECT_EQ(counted(DropReason::bad_ip_checksum), kOffers * 3 * 16);
}

TEST_F(HostileHeaders, EveryBitOfTheIpHeaderIsProtected) {
  const Bytes good = from_client({kDns, 1}).bytes();
  for (std::size_t bit = 0; bit < 20 * 8; ++bit) {
    Bytes bad = good;
    bad[14 + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_EQ(receive(kP0, {bad}).at(0).substr(0, 5), "drop ") << "bit " << bit;
  }
  EXPECT_EQ(entries(), 0U);
}

// A sum over the payload is the endpoints' affair: we neither check it nor make it right.
TEST_F(HostileHeaders, AWrongTcpOrUdpChecksumStaysWrong) {
  for (const Service service : {kWeb, kWeb6, kDns, kDns6}) {
    const Flow flow{service, 40000};
    const unsigned server = opens(flow);
    const auto spoil = [](Bytes& bytes) { bytes.back() ^= 0x55; };
    const Lines to_server = client_sends(from_client(flow, kTcpAck).payload(20).edit(spoil));
    EXPECT_EQ(to_server, leaves(kP1, at_server(flow, server, kTcpAck).payload(20).edit(spoil)));
    EXPECT_NE(to_server[0].find("BAD-SUM"), std::string::npos) << to_server[0];
    EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck).payload(20).edit(spoil)),
              leaves(kP0, at_client(flow, kTcpAck).payload(20).edit(spoil)));
  }
}

TEST_F(HostileHeaders, OptionsThatCannotBe) {
  const Bytes endless{7, 0, 0, 0}, short_length{7, 1, 0, 0}, too_long{7, 5, 0, 0}, no_length{1, 1, 1, 7}, beyond{0x83, 39, 4, 0};
  for (const Bytes& options : {endless, short_length, too_long, no_length, beyond}) {
    expect_drop(to_vip().options(options).tcp(1, 80, kTcpSyn), "bad_ip_header");
    expect_drop(to_vip().options(options).udp(1, 53), "bad_ip_header");
    expect_drop(to_vip().options(options).icmp(kIcmpEchoRequest), "bad_ip_header");
  }
}

TEST_F(HostileHeaders, FortyBytesOfOptionsAreForwarded) {
  Bytes options(40, 1);
  options.back() = 0;
  const unsigned server = server_of(client_sends(to_vip().options(options).tcp(1, 80, kTcpSyn)));
  EXPECT_EQ(client_sends(to_vip().options(options).tcp(1, 80, kTcpSyn)), leaves(kP1, at_server({kWeb, 1}, server).options(options)));
}

TEST_F(HostileHeaders, SixExtensionHeadersPassAndSevenDoNot) {
  Frame chain = to_vip6();
  for (unsigned i = 0; i < 6; ++i) chain.extension(60);
  const Lines lines = client_sends(Frame{chain}.tcp(1, 80, kTcpSyn));
  EXPECT_NE(server_of(lines), 0U);
  EXPECT_NE(lines.at(0).find("ext 60 ext 60 ext 60 ext 60 ext 60 ext 60 | tcp 1 > 8080 S"), std::string::npos) << lines[0];
  expect_drop(Frame{chain}.extension(60).tcp(1, 80, kTcpSyn), "bad_extension_header");
}

TEST_F(HostileHeaders, ExtensionHeadersOutOfPlaceOrBeyondTheEnd) {
  expect_drop(to_vip6().extension(60).extension(0).tcp(1, 80, kTcpSyn), "bad_extension_header");
  expect_drop(to_vip6().extension(0).extension(0).tcp(1, 80, kTcpSyn), "bad_extension_header");
  for (const std::uint8_t header : Octets{0, 43, 51, 60})
    for (const std::uint8_t words : Octets{6, 30, 255})
      expect_drop(to_vip6().extension(header).edit([words](Bytes& bytes) { bytes[14 + 40 + 1] = words; }).tcp(1, 80, kTcpSyn),
                  "bad_extension_header");
  for (const std::uint8_t header : Octets{0, 43, 51, 60})
    for (const std::size_t bytes : {0, 1, 7}) expect_drop(to_vip6().protocol(header).payload(bytes), "bad_extension_header");
}

TEST_F(HostileHeaders, RoutingHeadersThatWantToGoOn) {
  expect_drop(to_vip6().extension(43, {0, 1, 0, 0, 0, 0}).tcp(1, 80, kTcpSyn), "bad_extension_header");
  expect_drop(to_vip6().extension(43, {4, 255, 0, 0, 0, 0}).udp(1, 53), "bad_extension_header");
  EXPECT_NE(server_of(client_sends(to_vip6().extension(43, {4, 0, 0, 0, 0, 0}).udp(1, 53))), 0U) << "one that has arrived";
}

TEST_F(HostileHeaders, ProtocolsThatNobodyServes) {
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    if (protocol == 1 || protocol == 6 || protocol == 17) continue;
    expect_drop(to_vip().protocol(static_cast<std::uint8_t>(protocol)).payload(20), "unsupported_protocol");
  }
  for (const std::uint8_t protocol : Octets{1, 4, 41, 47, 50, 59, 132, 255})
    expect_drop(to_vip6().protocol(protocol).payload(20), "unsupported_protocol");
  expect_drop(to_vip6().protocol(59), "unsupported_protocol");
}

TEST_F(HostileHeaders, FragmentsOfEveryKind) {
  for (const Frame& vip : {to_vip(), to_vip6()}) {
    const auto part = [&](std::uint16_t from, bool more, std::uint8_t protocol) {
      return Frame{vip}.fragment(from, more, 9).protocol(protocol);
    };
    expect_drop(part(0, true, 17), "bad_fragment");
    expect_drop(part(8, false, 17), "bad_fragment");
    for (const std::size_t bytes : {1, 7, 9, 1399}) expect_drop(part(1480, true, 17).payload(bytes), "bad_fragment");
    expect_drop(part(0xfff8, true, 17).payload(8), "bad_fragment");
    expect_drop(part(0xff00, false, 17).payload(257), "bad_fragment");
    for (const std::size_t bytes : {8, 16}) expect_drop(part(0, true, 6).payload(bytes), "tiny_fragment");
    expect_drop(Frame{vip}.fragment(0, true, 9).udp(1, 53).payload(8).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{7}; }),
                "tiny_fragment");
    for (const std::uint8_t words : Octets{0x40, 0xf0})
      expect_drop(
          Frame{vip}.fragment(0, true, 9).tcp(1, 80, kTcpSyn).payload(4).edit_tcp([=](TcpHeader& tcp) { tcp.offset_words = words; }),
          "tiny_fragment");
    for (const std::uint8_t protocol : Octets{1, 50, 58, 132}) expect_drop(part(0, true, protocol).payload(64), "unsupported_protocol");
    expect_drop(part(64, true, 132).payload(64), "unsupported_protocol");
  }
  for (const std::uint16_t from : Words{8, 16}) expect_drop(to_vip().fragment(from, false, 9).protocol(6).payload(64), "tiny_fragment");
  const Bytes longer_than_it{60, 40, 0, 0, 0, 0, 0, 0};  // options for the destination that the first fragment does not hold
  expect_drop(to_vip6().fragment(0, true, 9).protocol(60).payload(longer_than_it), "tiny_fragment");
}

TEST_F(HostileHeaders, AFragmentHeaderThatIsNotWhole) {
  expect_drop(to_vip6().protocol(44), "bad_extension_header");
  expect_drop(to_vip6().protocol(44).payload(7), "bad_extension_header");
}

TEST_F(HostileHeaders, PacketsAtTheEndOfTheirHops) {
  for (std::size_t service = kWeb; service <= kDirectDns6; ++service) {
    const Flow flow{static_cast<Service>(service), 1};
    for (const std::uint8_t hops : Octets{0, 1}) EXPECT_EQ(client_sends(from_client(flow).ttl(hops)).back(), "drop ttl_expired");
    EXPECT_NE(server_of(client_sends(from_client(flow).ttl(2))), 0U);
    for (const std::uint8_t hops : Octets{0, 1}) EXPECT_EQ(client_sends(from_client(flow, kTcpRst).ttl(hops)).back(), "drop ttl_expired");
  }
  EXPECT_EQ(counted(DropReason::ttl_expired), 8U * 4);
  EXPECT_EQ(counted(&WorkerCounters::originated), 8U * 4) << "its sender is told each time";
  EXPECT_EQ(entries(ConnState::reset), 0U) << "a reset that goes nowhere ends nothing";
}

TEST_F(HostileHeaders, PortsWhereNobodyListens) {
  for (const std::uint16_t port : Words{0, 1, 79, 81, 53, 8080, 65535}) {
    expect_drop(to_vip().tcp(1, port, kTcpSyn), "no_service");
    expect_drop(to_vip6().tcp(1, port, kTcpAck), "no_service");
  }
  for (const std::uint16_t port : Words{0, 80, 65535}) expect_drop(to_vip().udp(1, port), "no_service");
  EXPECT_EQ(counted(DropReason::no_service), kOffers * 17);
}

TEST_F(HostileHeaders, EveryCombinationOfTcpFlags) {
  std::uint64_t left = 0;
  for (unsigned flags = 0; flags < 256; ++flags)
    left += client_sends(from_client({kWeb, static_cast<std::uint16_t>(1 + flags)}, static_cast<std::uint8_t>(flags))).size();
  EXPECT_EQ(left, 256U);
  EXPECT_EQ(counted(&WorkerCounters::inserts_local), entries());
  const std::uint64_t bare_syns = 256 / 8, acks = 256 / 8;  // S without A and R; A without S and R
  EXPECT_EQ(counted(kWeb, &BackendCounters::new_connections), bare_syns);
  EXPECT_EQ(counted(OrphanDecision::adopted_first_candidate), acks);
  EXPECT_EQ(counted(OrphanDecision::forwarded_untracked), 256 - bare_syns - acks);
}

TEST_F(HostileHeaders, IcmpThatIsNoQuestion) {
  for (unsigned type = 0; type < 256; ++type) {
    const bool error = type == 3 || type == 11 || type == 12;
    if (type != kIcmpEchoRequest)
      expect_drop(to_vip().icmp(static_cast<std::uint8_t>(type)).payload(28), error ? "bad_icmp_quote" : "unsupported_protocol");
  }
  expect_drop(to_vip().icmp(kIcmpEchoRequest, 1), "unsupported_protocol");
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U);
}

}  // namespace
}  // namespace tandem::test
