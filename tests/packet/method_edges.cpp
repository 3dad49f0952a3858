// SPDX-License-Identifier: Apache-2.0
// The edges of the scenario matrix, at every forwarding method: packets that are right and yet not quite as all others.
#include <algorithm>

#include "tests/packet/icmp_site.h"
#include "tests/packet/method_site.h"

namespace tandem::test {
namespace {

class MethodEdges : public MethodScenario {
 protected:
  using Change = std::function<void(Frame&)>;

  // A request, and where answers pass us an answer, changed before it comes; and what leaves, as changed by the second.
  void passes(Protocol protocol, const Change& as_it_comes, const Change& as_it_leaves) {
    const Talk talk = opens(protocol);
    const auto changed = [](Frame frame, const Change& change) {
      change(frame);
      return frame;
    };
    EXPECT_EQ(client_sends(changed(from_client(talk), as_it_comes)), reaches_server(talk, changed(at_server(talk), as_it_leaves)));
    if (!is_two_way()) return;
    EXPECT_EQ(server_sends(changed(from_server(talk), as_it_comes)), reaches_client(changed(at_client(talk), as_it_leaves)));
  }
  void passes(Protocol protocol, const Change& unchanged) { passes(protocol, unchanged, unchanged); }

  // By family, as a packet has it on one side of us.
  static void mark(Frame& frame) {
    const bool ipv6 = frame.bytes()[sizeof(EthHeader)] >> 4 == 6;
    if (ipv6) frame.edit_ipv6([](Ipv6Header& ip) { ip.version_class_flow = Be32{0x6bb00000}; });
    else frame.edit_ipv4([](Ipv4Header& ip) { ip.tos = 0xbb; });
  }
  static void add_options(Frame& frame) {
    const bool ipv6 = frame.bytes()[sizeof(EthHeader)] >> 4 == 6;
    if (ipv6) frame.extension(0).extension(60);
    else frame.options({0x94, 4, 0, 0});
  }
  // What an error of our own about this packet is, told to its sender.
  Lines told(PortId port, Frame outer, const Complaint& complaint, const Frame& quoted, std::size_t bytes,
             const std::string& reason) const {
    if (outer.bytes()[sizeof(EthHeader)] >> 4 == 4) outer.edit_ipv4([](Ipv4Header& ip) { ip.tos = 0xc0; });
    return leaves(port, about(outer, complaint, quoted, bytes)) + ("drop " + reason);
  }
  Frame by_vip() const { return frame().eth(kClient, kNode0).ip(vip(), client()); }
  Frame by_node(const Talk& talk) const { return frame().eth(server_mac(talk.server), kNode1).ip(node_address(), server_address(talk)); }
  bool servers_are_ipv6() const { return node_address().find(':') != std::string::npos; }
  static constexpr std::size_t quotable(bool ipv6) { return ipv6 ? 1280 - 48 : 576 - 28; }
};
INSTANTIATE_TEST_SUITE_P(Ways, MethodEdges, testing::ValuesIn(ways()), name_of_way);

// RFC 7915 4.1, 5.1: into the other family none are translated.
TEST_P(MethodEdges, OptionsAndExtensionHeadersTravelAlong) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    if (changes_family()) passes(protocol, add_options, [](Frame&) {});
    else passes(protocol, add_options);
  }
}

TEST_P(MethodEdges, TagsOnBothSides) {
  for (PortView& port : world.ports) port.vlans = {static_cast<std::uint16_t>(&port == &world.ports[0] ? 7 : 9)};
  for (RouteEntry& route : world.routes) route.vlan = route.port == kP0 ? 7 : 9;
  for (WorldNeighbour& neighbour : world.neighbours) neighbour.vlan = neighbour.port == kP0 ? 7 : 9;
  ++world.route_version;
  publish();
  Talk talk{Protocol::tcp, 40000};
  learn(talk, client_sends(from_client(talk, kTcpSyn).vlan(7)));
  EXPECT_EQ(client_sends(from_client(talk).vlan(7, 5)), reaches_server(talk, at_server(talk).vlan(9, 5))) << "the priority is kept";
  const Lines back = is_two_way() ? reaches_client(at_client(talk).vlan(7)) : Lines{"drop source_is_vip"};
  EXPECT_EQ(server_sends(from_server(talk).vlan(9)), back);
}

TEST_P(MethodEdges, TrafficClassAndCongestionMarkAreKept) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) passes(protocol, mark);
}

TEST_P(MethodEdges, AtTheEndOfItsHopsTheSenderIsTold) {
  const Talk talk = opens(Protocol::tcp);
  const Frame request = from_client(talk).ttl(1);
  EXPECT_EQ(client_sends(request), told(kP0, by_vip(), time_exceeded(clients_are_ipv6()), request, kWhole, "ttl_expired"));
  if (!is_two_way()) return;
  const Frame answer = from_server(talk).ttl(1);
  const Frame speaker = is_by(ForwardingMethod::full_nat)
                            ? frame().eth(server_mac(talk.server), kNode1).ip(talk.own_address, server_address(talk))
                            : by_node(talk);
  EXPECT_EQ(server_sends(answer), told(kP1, speaker, time_exceeded(servers_are_ipv6()), answer, kWhole, "ttl_expired"));
}

// What may be sent is what is left inside: less by outer headers, or by what the other family's header is longer.
TEST_P(MethodEdges, WhatDoesNotFitIsToldWhatWould) {
  const Talk talk = opens(Protocol::tcp);
  const std::size_t headers = clients_are_ipv6() ? 60 : 40;
  const auto fits = [&](std::size_t bytes) { return client_sends(from_client(talk).payload(bytes - headers)).size() == 1; };
  std::size_t most = 1500;
  while (most > 1300 && !fits(most)) --most;
  const std::size_t outer = std::size_t{servers_are_ipv6() ? 40U : 20U} + (is_by(ForwardingMethod::gue) ? 8 : 0) +
                            (talk.tunnel.find("header") != std::string::npos ? 4 : 0);
  const std::size_t growth = is_tunnelled(GetParam().method) ? outer : changes_family() && servers_are_ipv6() ? 20 : 0;
  EXPECT_EQ(most, 1500 - growth);
  if (growth == 0) return;
  pass_time(1);  // errors are told at a rate
  const Frame longer = from_client(talk).payload(most + 1 - headers);
  EXPECT_EQ(client_sends(longer), told(kP0, by_vip(), too_big(clients_are_ipv6(), static_cast<std::uint16_t>(most)), longer,
                                       quotable(clients_are_ipv6()), "mtu_exceeded"));
}

TEST_P(MethodEdges, ANarrowerLanToTheServersIsTold) {
  const Talk talk = opens(Protocol::tcp);
  world.ports[1].mtu_bytes = 1300;
  publish();
  const Lines lines = client_sends(from_client(talk).payload(1400));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find(clients_are_ipv6() ? "icmp type 2 code 0 mtu 1" : "icmp type 3 code 4 mtu 1"), std::string::npos) << lines[0];
  EXPECT_EQ(lines[1], "drop mtu_exceeded");
}

TEST_P(MethodEdges, ANarrowerLanToTheClientsIsTold) {
  if (!is_two_way()) return;  // answers do not pass us
  const Talk talk = opens(Protocol::tcp);
  world.ports[0].mtu_bytes = 1300;
  publish();
  const Lines lines = server_sends(from_server(talk).payload(1400));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find(servers_are_ipv6() ? "icmp type 2 code 0 mtu 1" : "icmp type 3 code 4 mtu 1"), std::string::npos) << lines[0];
  EXPECT_EQ(lines[1], "drop mtu_exceeded");
}

// RFC 768, RFC 8200 8.1: over IPv6 there must be one, so full-nat, which may have made it IPv6, makes one. Elsewhere what came without
// stays without.
TEST_P(MethodEdges, ADatagramWithoutChecksum) {
  const auto without = [](Frame& frame) { frame.payload(9).edit_udp([](UdpHeader& udp) { udp.checksum = {}; }); };
  const auto with = [](Frame& frame) { frame.payload(9); };
  const Talk talk = opens(Protocol::udp);
  const auto expected = [&](Frame frame) {
    if (is_by(ForwardingMethod::full_nat) && frame.bytes()[sizeof(EthHeader)] >> 4 == 6) with(frame);
    else without(frame);
    return frame;
  };
  Frame request = from_client(talk), answer = from_server(talk);
  without(request), without(answer);
  EXPECT_EQ(client_sends(request), reaches_server(talk, expected(at_server(talk))));
  if (!is_two_way()) return;
  EXPECT_EQ(server_sends(answer), reaches_client(expected(at_client(talk))));
}

TEST_P(MethodEdges, PaddingIsNoPartOfThePacket) {
  passes(
      Protocol::tcp, [](Frame& frame) { frame.payload(3).pad_to(100); }, [](Frame& frame) { frame.payload(3); });
}

TEST_P(MethodEdges, AWrongChecksumIsTheReceiversToFind) {
  const auto spoil = [](Frame& frame) { frame.payload(20).edit([](Bytes& bytes) { bytes.back() ^= 0x55; }); };
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) passes(protocol, spoil);
  const Talk talk = opens(Protocol::tcp, 40001);
  Frame request = from_client(talk);
  spoil(request);
  EXPECT_NE(client_sends(request).at(0).find("BAD-SUM"), std::string::npos);
}

TEST_P(MethodEdges, AFrameInTwoPiecesLeavesWhole) {
  const Talk talk = opens(Protocol::tcp);
  const Bytes request = from_client(talk).payload(300).bytes(), answer = from_server(talk).payload(300).bytes();
  for (const std::size_t first : {1UL, 14UL, 20UL, 40UL, 60UL, 100UL, 201UL}) {
    EXPECT_EQ(receive_mbuf(kP0, to_chain(request, first)), reaches_server(talk, at_server(talk).payload(300))) << first;
    if (!is_two_way()) continue;
    EXPECT_EQ(receive_mbuf(kP1, to_chain(answer, first)), reaches_client(at_client(talk).payload(300))) << first;
  }
}

TEST_P(MethodEdges, AtTheEndOfItsMemory) {
  for (const Protocol protocol : {Protocol::tcp, Protocol::udp}) {
    const Talk talk = opens(protocol);
    for (std::size_t bytes = 0; bytes < 20; ++bytes) {
      EXPECT_EQ(receive_mbuf(kP0, to_guarded_mbuf(from_client(talk).payload(bytes).bytes())),
                reaches_server(talk, at_server(talk).payload(bytes)));
      if (!is_two_way()) continue;
      EXPECT_EQ(receive_mbuf(kP1, to_guarded_mbuf(from_server(talk).payload(bytes).bytes())),
                reaches_client(at_client(talk).payload(bytes)));
    }
  }
}

TEST_P(MethodEdges, ItWaitsForTheNextHopsMac) {
  const Talk talk = opens(Protocol::tcp);
  const auto everybody = world.neighbours;
  world.neighbours.clear();
  ++world.route_version;
  publish();
  EXPECT_EQ(client_sends(from_client(talk)), Lines{"hold for " + server_address(talk)});
  if (is_two_way()) {
    EXPECT_EQ(server_sends(from_server(talk)), Lines{"hold for " + client()});
  }
  world.neighbours = everybody;
  ++world.route_version;
  const Lines left = publish();
  ASSERT_EQ(left.size(), is_two_way() ? 2U : 1U);
  EXPECT_EQ(Lines{left[0]}, reaches_server(talk, at_server(talk)));
  if (is_two_way()) {
    EXPECT_EQ(Lines{left[1]}, reaches_client(at_client(talk)));
  }
}

}  // namespace
}  // namespace tandem::test
