// SPDX-License-Identifier: Apache-2.0
// ipip and gue: the packet reaches its server inside another one, with the VIP still in it. Servers may be anywhere; their answers go
// to the client past us.
#include <array>
#include <cstdio>
#include <set>

#include "tests/packet/icmp_site.h"
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

// What left through a tunnel, taken apart.
struct Carried {
  std::string link, source, target, traffic_class, tunnel, inside;
  unsigned port = 0;  // GUE: the outer source's
};

Carried take_apart(const Lines& lines) {
  const std::vector<std::string> parts = lines.size() == 1 ? parts_of(lines[0]) : Lines{};
  if (parts.size() < 4) return {.link = "no tunnel: " + (lines.empty() ? "nothing" : lines[0])};
  std::array<char, 48> source{}, target{}, traffic_class{};
  if (std::sscanf(parts[1].c_str(), "%47s > %47s ttl 64 class %47s", source.data(), target.data(), traffic_class.data()) < 2)
    return {.link = parts[1]};
  Carried out{.link = parts[0],
              .source = source.data(),
              .target = target.data(),
              .traffic_class = traffic_class.data(),
              .tunnel = parts[2],
              .inside = parts[3]};
  int behind = 0;
  if (std::sscanf(parts[2].c_str(), "udp %u > 6080 nosum %n", &out.port, &behind) == 1)
    out.tunnel = parts[2].substr(static_cast<std::size_t>(behind));
  for (std::size_t i = 4; i < parts.size(); ++i) out.inside += " | " + parts[i];
  return out;
}

class TunnelStories : public Scenario {
 protected:
  static constexpr std::string_view kVip = "10.0.0.110", kVip6 = "fd00::110";

  static std::string server(unsigned number, Family family) {
    return (family == Family::ipv4 ? "10.0.1." : "fd01::") + std::to_string(number);
  }
  // A service behind a tunnel to all three servers, published.
  void serve(std::string_view vip, TunnelKind kind, std::optional<Family> outer = {}, std::optional<std::uint8_t> dscp = {}) {
    const bool ipv6 = vip.find(':') != std::string_view::npos;
    const Family servers = outer.value_or(ipv6 ? Family::ipv6 : Family::ipv4);
    std::vector<std::string> backends;
    for (const unsigned number : kServers) {
      const std::string address = server(number, servers);
      backends.push_back((servers == Family::ipv4 ? address : "[" + address + "]") + ":80");
    }
    world.services.push_back(
        tunnel_service((ipv6 ? "[" + std::string{vip} + "]" : std::string{vip}) + ":80", backends, kind, Protocol::tcp));
    world.services.back().tunnel_dscp = dscp;
    publish();
  }
  static Frame packet(std::string_view vip, std::uint16_t port, std::uint8_t flags = kTcpSyn) {
    const bool ipv6 = vip.find(':') != std::string_view::npos;
    return frame().eth(kNode0, kClient).ip(ipv6 ? "fd00::5" : "10.0.0.5", vip).tcp(port, 80, flags);
  }
  std::string opens_through(std::string_view vip, std::uint16_t port) { return take_apart(client_sends(packet(vip, port))).target; }
};

TEST_F(TunnelStories, TheServerGetsThePacketInsideAnotherOne) {
  serve(kVip, TunnelKind::ipip);
  const Carried syn = take_apart(client_sends(packet(kVip, 40000)));
  EXPECT_EQ(syn.inside, "10.0.0.5 > 10.0.0.110 ttl 63 | tcp 40000 > 80 S | 0 bytes");
  EXPECT_EQ(syn.tunnel, "ip4");
  EXPECT_EQ(syn.source.substr(0, 11), "198.51.100.");
  EXPECT_EQ(syn.link, "p1: " + std::string{kNode1} + " > " + server_mac(static_cast<unsigned>(std::stoul(syn.target.substr(7)))));
  const Carried data = take_apart(client_sends(packet(kVip, 40000, kTcpPsh | kTcpAck).payload(100)));
  EXPECT_EQ(data.inside, "10.0.0.5 > 10.0.0.110 ttl 63 | tcp 40000 > 80 PA | 100 bytes");
  EXPECT_EQ(std::tie(data.source, data.target), std::tie(syn.source, syn.target)) << "one way for a whole connection";
  EXPECT_EQ(entries(), 1U);
}

TEST_F(TunnelStories, OverIpv6TheSame) {
  serve(kVip6, TunnelKind::ipip);
  const Carried syn = take_apart(client_sends(packet(kVip6, 40000)));
  EXPECT_EQ(syn.inside, "fd00::5 > fd00::110 ttl 63 | tcp 40000 > 80 S | 0 bytes");
  EXPECT_EQ(syn.tunnel, "ip6");
  EXPECT_EQ(syn.source.substr(0, 14), "2001:db8:100::") << "the flow's share makes the last group";
}

TEST_F(TunnelStories, GueBringsThePacketRightBehindUdpOrBehindAHeaderOfItsOwn) {
  serve(kVip, TunnelKind::gue_direct), serve("10.0.0.111", TunnelKind::gue_header), serve(kVip6, TunnelKind::gue_header);
  EXPECT_EQ(take_apart(client_sends(packet(kVip, 40000))).tunnel, "gue");
  EXPECT_EQ(take_apart(client_sends(packet("10.0.0.111", 40000))).tunnel, "gue header 4");
  const Carried six = take_apart(client_sends(packet(kVip6, 40000)));
  EXPECT_EQ(six.tunnel, "gue header 41");
  EXPECT_EQ(six.inside, "fd00::5 > fd00::110 ttl 63 | tcp 40000 > 80 S | 0 bytes");
}

TEST_F(TunnelStories, FlowsDifferInTheirOuterSourceSoThatTheServersQueuesShareThem) {
  serve(kVip, TunnelKind::gue_direct);
  std::set<std::string> sources;
  std::set<unsigned> ports;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    const Carried carried = take_apart(client_sends(packet(kVip, port)));
    sources.insert(carried.source), ports.insert(carried.port);
    EXPECT_GE(carried.port, 49152U);
  }
  EXPECT_GT(sources.size(), 70U);
  EXPECT_GT(ports.size(), 90U);
}

TEST_F(TunnelStories, TrafficClassAndCongestionMarkAreThoseInside) {
  serve(kVip, TunnelKind::ipip), serve(kVip6, TunnelKind::ipip);
  const auto marked = packet(kVip, 40000).edit_ipv4([](Ipv4Header& ip) { ip.tos = 0xbb; });
  const auto marked6 = packet(kVip6, 40000).edit_ipv6([](Ipv6Header& ip) { ip.version_class_flow = Be32{0x6bb00000}; });
  for (const Frame& one : {marked, marked6}) {
    const Carried carried = take_apart(client_sends(one));
    EXPECT_EQ(carried.traffic_class, "bb");
    EXPECT_NE(carried.inside.find(" class bb "), std::string::npos) << carried.inside;
  }
}

TEST_F(TunnelStories, AConfiguredDscpIsTheOuterHeadersAndTheCongestionMarkStillThePackets) {
  serve(kVip, TunnelKind::ipip, Family::ipv4, 46), serve(kVip6, TunnelKind::gue_direct, Family::ipv6, 0);
  const auto marked = packet(kVip, 40000).edit_ipv4([](Ipv4Header& ip) { ip.tos = 0x23; });
  const auto marked6 = packet(kVip6, 40000).edit_ipv6([](Ipv6Header& ip) { ip.version_class_flow = Be32{0x62300000}; });
  EXPECT_EQ(take_apart(client_sends(marked)).traffic_class, "bb");
  const Carried six = take_apart(client_sends(marked6));
  EXPECT_EQ(six.traffic_class, "03");
  EXPECT_NE(six.inside.find(" class 23 "), std::string::npos) << six.inside;
}

TEST_F(TunnelStories, ServersOfTheOtherFamilyAreReachedAsWell) {
  serve(kVip, TunnelKind::ipip, Family::ipv6), serve(kVip6, TunnelKind::ipip, Family::ipv4),
      serve("10.0.0.111", TunnelKind::gue_header, Family::ipv6);
  const Carried four_in_six = take_apart(client_sends(packet(kVip, 40000)));
  EXPECT_EQ(four_in_six.tunnel, "ip4");
  EXPECT_EQ(four_in_six.target.substr(0, 6), "fd01::");
  EXPECT_EQ(four_in_six.inside, "10.0.0.5 > 10.0.0.110 ttl 63 | tcp 40000 > 80 S | 0 bytes");
  const Carried six_in_four = take_apart(client_sends(packet(kVip6, 40000)));
  EXPECT_EQ(six_in_four.tunnel, "ip6");
  EXPECT_EQ(six_in_four.target.substr(0, 7), "10.0.1.");
  EXPECT_EQ(six_in_four.inside, "fd00::5 > fd00::110 ttl 63 | tcp 40000 > 80 S | 0 bytes");
  EXPECT_EQ(opens_through(kVip, 40000), four_in_six.target) << "one server for a whole connection";
  EXPECT_EQ(take_apart(client_sends(packet("10.0.0.111", 40000))).tunnel, "gue header 4");
}

TEST_F(TunnelStories, WhatDoesNotFitWithItsOuterHeadersIsNamed) {
  serve(kVip, TunnelKind::ipip), serve("10.0.0.111", TunnelKind::gue_header);
  opens_through(kVip, 40000), opens_through("10.0.0.111", 40000);
  EXPECT_EQ(take_apart(client_sends(packet(kVip, 40000, kTcpAck).payload(1440))).tunnel, "ip4") << "1480 and 20: as long as may be";
  EXPECT_EQ(client_sends(packet(kVip, 40000, kTcpAck).payload(1441)).back(), "drop mtu_exceeded");
  EXPECT_EQ(take_apart(client_sends(packet("10.0.0.111", 40000, kTcpAck).payload(1428))).tunnel, "gue header 4");
  EXPECT_EQ(client_sends(packet("10.0.0.111", 40000, kTcpAck).payload(1429)).back(), "drop mtu_exceeded");
}

TEST_F(TunnelStories, TheClientIsToldWhatIsLeftInside) {
  serve(kVip6, TunnelKind::gue_header);
  opens_through(kVip6, 40000);
  const Frame longest = packet(kVip6, 40000, kTcpAck).payload(1388), longer = packet(kVip6, 40000, kTcpAck).payload(1389);
  EXPECT_EQ(take_apart(client_sends(longest)).tunnel, "gue header 41") << "1448 and 52";
  const Lines told = client_sends(longer);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_NE(told[0].find("icmp type 2 code 0 mtu 1448 about [fd00::5 > fd00::110"), std::string::npos) << told[0];
}

TEST_F(TunnelStories, AnErrorAboutAnAnswerReachesTheServerInsideToo) {
  serve(kVip, TunnelKind::ipip);
  const std::string server = opens_through(kVip, 40000);
  const Frame answer = frame().eth(kClient, kNode0).ip(kVip, "10.0.0.5").ttl(60).tcp(80, 40000, kTcpAck).payload(40);
  const Carried error = take_apart(client_sends(about(frame().eth(kNode0, kGateway).ip("192.0.2.99", kVip), too_big(false, 1400), answer)));
  EXPECT_EQ(error.target, server);
  EXPECT_EQ(error.inside.substr(0, 70), "192.0.2.99 > 10.0.0.110 ttl 63 | icmp type 3 code 4 mtu 1400 about [10");
}

TEST_F(TunnelStories, ItWaitsForItsServersMacInItsTunnel) {
  serve(kVip, TunnelKind::ipip);
  for (const unsigned server : kServers) forget_neighbour("10.0.1." + std::to_string(server));
  publish();
  client_sends(packet(kVip, 40000));
  for (const unsigned server : kServers) learn_neighbour("10.0.1." + std::to_string(server), server_mac(server), kP1);
  EXPECT_EQ(take_apart(publish()).inside, "10.0.0.5 > 10.0.0.110 ttl 63 | tcp 40000 > 80 S | 0 bytes");
}

TEST_F(TunnelStories, PaddingIsNotCarriedAsPayload) {
  serve(kVip, TunnelKind::ipip);
  EXPECT_EQ(take_apart(client_sends(packet(kVip, 40000).pad_to(60))).inside, "10.0.0.5 > 10.0.0.110 ttl 63 | tcp 40000 > 80 S | 0 bytes");
}

TEST_F(TunnelStories, ItsLastHopIsNotInside) {
  serve(kVip, TunnelKind::ipip);
  EXPECT_EQ(client_sends(packet(kVip, 40000).ttl(1)).back(), "drop ttl_expired");
}

TEST_F(TunnelStories, AServersAnswerThatStraysToUsIsNamed) {
  serve(kVip, TunnelKind::ipip);
  opens_through(kVip, 40000);
  const Frame answer = frame().eth(kNode1, server_mac(11)).ip(kVip, "10.0.0.5").tcp(80, 40000, kTcpSyn | kTcpAck);
  EXPECT_EQ(server_sends(answer), Lines{"drop source_is_vip"});
}

}  // namespace
}  // namespace tandem::test
