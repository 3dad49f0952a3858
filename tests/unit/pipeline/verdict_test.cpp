// SPDX-License-Identifier: Apache-2.0
// What is neither forwarded nor answered: each kind has its name, and what is the node's goes to its kernel by class.
#include <gtest/gtest.h>

#include "tests/support/packet_text.h"
#include "tests/support/test_worker.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;
constexpr PortId kP0{0}, kP1{1};

class VerdictTest : public testing::Test {
 protected:
  VerdictTest() {
    world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:8080"}), nat_service("[fd00::100]:80", {"[fd01::11]:8080"})};
    worker.publish();
  }
  static Frame to_vip() { return frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100"); }
  static Frame to_vip6() { return frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::100"); }
  static Frame to_node() { return frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.1"); }

  void expect_drop(const Frame& frame, const std::string& reason, PortId port = kP0) {
    EXPECT_EQ(worker.receive(port, frame).lines(), Lines{"drop " + reason}) << to_line(frame.bytes());
  }
  void expect_punt(const Frame& frame, PuntClass punt_class, PortId port = kP0) {
    const Outcome out = worker.receive(port, frame);
    ASSERT_EQ(out.punted.size(), 1U) << to_line(frame.bytes());
    EXPECT_EQ(out.punted[0].punt_class, punt_class) << to_line(frame.bytes());
    EXPECT_EQ(out.punted[0].frame, frame.bytes()) << "the kernel gets the very frame";
  }

  World world = two_port_world();
  TestWorker worker{world};
};

TEST_F(VerdictTest, FragmentsToAVip) {
  expect_drop(to_vip().fragment(0, true).protocol(6).payload(16), "tiny_fragment");
  expect_drop(to_vip().fragment(1480, true).protocol(17).payload(15), "bad_fragment");
  expect_drop(to_vip6().fragment(0, true).protocol(6).payload(16), "tiny_fragment");
}

TEST_F(VerdictTest, FragmentsOfABackendsReply) {
  expect_drop(frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.0.5").fragment(8, false).protocol(6).payload(8), "tiny_fragment",
              kP1);
  expect_punt(frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.1.1").fragment(8, false).protocol(6).payload(8), PuntClass::known,
              kP1);
  expect_punt(frame().eth(kNode1, server_mac(12)).ipv4("10.0.1.12", "10.0.0.5").fragment(8, false).protocol(6).payload(8), PuntClass::rest,
              kP1);
}

TEST_F(VerdictTest, IcmpToAVip) {
  expect_drop(to_vip().icmp(kIcmpUnreachable, 4).payload(28), "bad_icmp_quote");
  expect_drop(to_vip().icmp(kIcmpTimeExceeded).payload(28), "bad_icmp_quote");
  expect_drop(to_vip6().icmp(2).payload(48), "bad_icmp_quote");
  expect_drop(to_vip().icmp(13).payload(12), "unsupported_protocol");
  expect_drop(to_vip().icmp(kIcmpEchoReply), "unsupported_protocol");
  expect_drop(to_vip().protocol(1).payload(7), "bad_l4_header");
}

TEST_F(VerdictTest, OtherProtocolsToAVip) {
  expect_drop(to_vip().protocol(47).payload(20), "unsupported_protocol");
  expect_drop(to_vip6().protocol(50).payload(20), "unsupported_protocol");
  expect_drop(to_vip6().protocol(59), "unsupported_protocol");
}

TEST_F(VerdictTest, DamageToAVip) {
  expect_drop(to_vip().tcp(1, 80, kTcpSyn).edit_ipv4([](Ipv4Header& ip) { ip.checksum = Be16{1}; }, false), "bad_ip_checksum");
  expect_drop(to_vip().tcp(1, 80, kTcpSyn).edit_ipv4([](Ipv4Header& ip) { ip.version_words = 0x44; }), "bad_ip_header");
  expect_drop(to_vip().tcp(1, 80, kTcpSyn).edit_tcp([](TcpHeader& tcp) { tcp.offset_words = 0; }), "bad_l4_header");
  expect_drop(to_vip().udp(1, 80).edit_udp([](UdpHeader& udp) { udp.length_bytes = Be16{9}; }), "bad_l4_header");
  expect_drop(to_vip6().extension(60).extension(0).udp(1, 80), "bad_extension_header");
}

TEST_F(VerdictTest, NobodyListens) {
  expect_drop(to_vip().tcp(1, 81, kTcpSyn), "no_service");
  expect_drop(to_vip().udp(1, 80), "no_service");
  expect_drop(to_vip6().tcp(1, 81, kTcpSyn), "no_service");
}

TEST_F(VerdictTest, LastHop) {
  const auto told = [&](const Frame& frame, PortId port) { return worker.receive(port, frame).lines().back(); };
  EXPECT_EQ(told(to_vip().ttl(1).tcp(1, 80, kTcpSyn), kP0), "drop ttl_expired");
  EXPECT_EQ(told(to_vip().ttl(0).tcp(1, 80, kTcpSyn), kP0), "drop ttl_expired");
  EXPECT_EQ(told(to_vip6().ttl(1).tcp(1, 80, kTcpSyn), kP0), "drop ttl_expired");
  worker.receive(kP0, to_vip().tcp(1, 80, kTcpSyn));
  const Frame reply = frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.0.5").ttl(1);
  EXPECT_EQ(told(Frame{reply}.tcp(8080, 1, kTcpAck), kP1), "drop ttl_expired");
  EXPECT_EQ(told(Frame{reply}.tcp(8080, 2, kTcpAck), kP1), "drop ttl_expired");
}

TEST_F(VerdictTest, SourcesThatCannotBe) {
  expect_drop(frame().eth(kNode0, kClient).ipv4("10.0.0.100", "10.0.0.100").tcp(80, 80, kTcpSyn), "source_is_vip");
  for (const char* source : {"127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0"})
    expect_drop(frame().eth(kNode0, kClient).ipv4(source, "10.0.0.100").tcp(1, 80, kTcpSyn), "martian_source");
  for (const char* source : {"::", "::1", "ff02::1"})
    expect_drop(frame().eth(kNode0, kClient).ipv6(source, "fd00::100").tcp(1, 80, kTcpSyn), "martian_source");
  expect_drop(frame().eth(kNode0, kClient).ipv4("10.0.0.100", "10.0.0.1").udp(1, 2), "source_is_vip");
  EXPECT_EQ(worker.table4().size() + worker.table6().size(), 0U);
}

TEST_F(VerdictTest, NobodyIsUp) {
  world.services[0].backends[0].state = BackendState::down;
  worker.publish();
  expect_drop(to_vip().tcp(1, 80, kTcpSyn), "no_backend");
  expect_drop(to_vip().tcp(1, 80, kTcpAck), "no_backend");
  expect_drop(to_vip().tcp(1, 80, kTcpRst), "no_backend");
}

TEST_F(VerdictTest, ServiceWithoutBackends) {
  world.services[0].backends.clear();
  worker.publish();
  expect_drop(to_vip().tcp(1, 80, kTcpSyn), "no_backend");
}

TEST_F(VerdictTest, WhatIsTheNodesGoesToItsKernel) {
  expect_punt(to_node().tcp(1, 22, kTcpSyn), PuntClass::rest);
  expect_punt(to_node().protocol(112).payload(8), PuntClass::control);
  expect_punt(to_node().fragment(8, false).payload(8), PuntClass::rest);
  expect_punt(to_node().protocol(17).payload(3), PuntClass::rest);
  expect_punt(to_node().ttl(1).udp(1, 2), PuntClass::rest);
  expect_punt(frame().eth(kNode0, kGateway).ipv4("10.0.0.254", "10.0.0.1").icmp(8), PuntClass::known);
  expect_punt(frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.1.1").tcp(5, 6, kTcpAck), PuntClass::known, kP1);
  expect_punt(frame().eth("01:00:5e:00:00:12", kClient).ipv4("10.0.0.5", "224.0.0.18").protocol(112).payload(8), PuntClass::control);
  expect_punt(frame().eth("33:33:00:00:00:16", kClient).ipv6("fe80::5", "ff02::16").extension(0).icmp(143).payload(20), PuntClass::rest);
  expect_punt(frame().eth("01:80:c2:00:00:0e", kClient).type(0x88cc).payload(46), PuntClass::rest);
  expect_punt(frame().eth(kNode0, kClient).type(0x8847).payload(46), PuntClass::rest);
}

TEST_F(VerdictTest, PortWithoutTwinHasNobodyToGiveItTo) {
  world.ports[0].twin = TwinKind::none;
  worker.publish();
  expect_drop(to_node().tcp(1, 22, kTcpSyn), "no_twin");
  expect_drop(frame().eth(kNode0, kClient).type(0x88cc).payload(46), "bad_ethernet_type");
  expect_drop(frame().eth(kNode0, kClient).vlan(0).vlan(6).ipv4("10.0.0.5", "10.0.0.1").udp(1, 2), "bad_ethernet_type");
}

}  // namespace
}  // namespace tandem::test
