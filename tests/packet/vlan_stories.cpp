// SPDX-License-Identifier: Apache-2.0
// VLANs: every method with a tag on the clients' side, on the servers', on both or on none; two arms and one; each LAN for itself.
#include "tests/packet/pair_site.h"
#include "tests/packet/scenario.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

constexpr std::uint16_t kClients = 7, kServersLan = 9;

Frame tagged(Frame frame, std::uint16_t vlan, std::uint8_t priority = 0) { return vlan == 0 ? frame : frame.vlan(vlan, priority); }

class VlanStories : public Scenario {
 protected:
  explicit VlanStories(std::size_t workers = 1) : Scenario{workers} {}

  // Everything behind the port is in this VLAN; 0: untagged.
  void put_in(PortId port, std::uint16_t vlan) {
    world.ports[index(port)].vlans = vlan == 0 ? std::vector<std::uint16_t>{} : std::vector{vlan};
    for (RouteEntry& route : world.routes)
      if (route.port == port) route.vlan = vlan;
    for (WorldNeighbour& neighbour : world.neighbours)
      if (neighbour.port == port) neighbour.vlan = vlan;
    ++world.route_version;
  }
  // As the frames must be in those VLANs, there and back.
  void converses(const Flow& flow, std::uint16_t clients, std::uint16_t servers) {
    const unsigned server = server_of(client_sends(tagged(from_client(flow), clients)));
    ASSERT_NE(server, 0U) << name_of(flow.service);
    if (!is_direct(flow.service)) {
      EXPECT_EQ(server_sends(tagged(from_server(flow, server), servers)), leaves(kP0, tagged(at_client(flow), clients)));
    }
    EXPECT_EQ(client_sends(tagged(from_client(flow, kTcpAck).payload(64), clients)),
              leaves(kP1, tagged(at_server(flow, server, kTcpAck).payload(64), servers)));
  }
  Lines by_tunnel(TunnelKind kind) {
    world.services.push_back(tunnel_service("10.0.0.110:80", {"10.0.1.11:80"}, kind));
    publish();
    return client_sends(frame().eth(kNode0, kClient).vlan(kClients).ip("10.0.0.5", "10.0.0.110").tcp(40000, 80, kTcpSyn));
  }
};

TEST_F(VlanStories, EachMethodWithTagsOnEitherSideOrBothOrNone) {
  std::uint16_t port = 40000;
  for (const std::uint16_t clients : {std::uint16_t{0}, kClients})
    for (const std::uint16_t servers : {std::uint16_t{0}, kServersLan}) {
      SCOPED_TRACE(testing::Message() << "clients' VLAN " << clients << ", servers' " << servers);
      put_in(kP0, clients), put_in(kP1, servers);
      publish();
      for (const Service service : {kWeb, kWeb6, kDns, kDns6, kDirectWeb, kDirectWeb6, kDirectDns, kDirectDns6})
        converses({service, port++}, clients, servers);
    }
  EXPECT_EQ(counted(DropReason::unknown_vlan), 0U);
}

TEST_F(VlanStories, ATunnelLeavesInTheServersVlan) {
  put_in(kP0, kClients), put_in(kP1, kServersLan);
  for (const TunnelKind kind : {TunnelKind::ipip, TunnelKind::gue_direct, TunnelKind::gue_header}) {
    const Lines lines = by_tunnel(kind);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].starts_with("p1: " + std::string{kNode1} + " > " + server_mac(11) + " vlan 9 | ")) << lines[0];
    world.services.pop_back();
    publish();
  }
}

TEST_F(VlanStories, FullNatFindsBothWaysThroughTags) {
  put_in(kP0, kClients), put_in(kP1, kServersLan);
  world.pools.push_back({address("10.0.1.240")});
  world.services.push_back(full_nat_service("10.0.0.110:80", {"10.0.1.11:8080"}));
  publish();
  const Frame syn = frame().eth(kNode0, kClient).vlan(kClients).ip("10.0.0.5", "10.0.0.110").tcp(40000, 80, kTcpSyn);
  const Lines asked = client_sends(syn);
  ASSERT_EQ(asked.size(), 1U);
  ASSERT_TRUE(asked[0].starts_with("p1: " + std::string{kNode1} + " > " + server_mac(11) + " vlan 9 | 10.0.1.240 > 10.0.1.11")) << asked[0];
  const auto port = static_cast<std::uint16_t>(std::stoul(asked[0].substr(asked[0].find("tcp ") + 4)));
  const Frame answer =
      frame().eth(kNode1, server_mac(11)).vlan(kServersLan).ip("10.0.1.11", "10.0.1.240").tcp(8080, port, kTcpSyn | kTcpAck);
  EXPECT_EQ(
      server_sends(answer),
      leaves(kP0, frame().eth(kClient, kNode0).vlan(kClients).ip("10.0.0.110", "10.0.0.5").ttl(63).tcp(80, 40000, kTcpSyn | kTcpAck)));
}

// A tag is no part of the packet: 1500 bytes of IP pass with it, into a tagged LAN and out of one, and one more does not.
TEST_F(VlanStories, ATagTakesNothingFromTheMtu) {
  put_in(kP0, kClients), put_in(kP1, kServersLan);
  publish();
  for (const Flow& flow : {Flow{kWeb, 40000}, Flow{kDirectWeb, 40000}}) {
    const unsigned server = server_of(client_sends(from_client(flow).vlan(kClients)));
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).payload(1460).vlan(kClients)),
              leaves(kP1, at_server(flow, server, kTcpAck).payload(1460).vlan(kServersLan)));
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).payload(1461).vlan(kClients)), Lines{"drop super_frame"});
  }
}

TEST_F(VlanStories, ATagThatTheDeviceTookOutCountsAsOne) {
  put_in(kP0, kClients);
  publish();
  rte_mbuf* const stripped = to_mbuf(from_client({kWeb, 40000}).bytes());
  stripped->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
  stripped->vlan_tci = kClients;
  EXPECT_NE(server_of(receive_mbuf(kP0, stripped)), 0U);
}

TEST_F(VlanStories, EachLanIsAskedAndAnswersForItself) {
  world.ports[0].vlans = {kClients, 8};
  publish();
  const auto question = [](std::uint16_t vlan) {
    return frame().eth("ff:ff:ff:ff:ff:ff", kClient).vlan(vlan).arp(1, kClient, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.100");
  };
  for (const std::uint16_t vlan : {kClients, std::uint16_t{8}})
    EXPECT_EQ(client_sends(question(vlan)),
              leaves(kP0, frame().eth(kClient, kNode0).vlan(vlan).arp(2, kNode0, "10.0.0.100", kClient, "10.0.0.5")));
  EXPECT_EQ(client_sends(question(9)), Lines{"drop unknown_vlan"});
  const Frame solicitation =
      frame().eth("33:33:ff:00:01:00", kClient).vlan(8).ip("fd00::5", "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, "fd00::100");
  const Lines answer = client_sends(solicitation);
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_TRUE(answer[0].starts_with("p0: " + std::string{kNode0} + " > " + std::string{kClient} + " vlan 8 | fd00::100 > fd00::5"))
      << answer[0];
}

// Clients are in two LANs of one port: each gets its answers in its own.
TEST_F(VlanStories, ClientsOfTwoLansOnOnePort) {
  put_in(kP0, kClients);
  world.ports[0].vlans = {kClients, 8};
  world.routes.push_back({*parse_prefix("10.8.0.0/24"), std::nullopt, kP0, 8});
  world.neighbours.push_back({address("10.8.0.5"), mac("02:00:00:00:aa:85"), kP0, 8});
  ++world.route_version;
  publish();
  converses({kWeb, 40000}, kClients, 0);
  const Flow other{kWeb, 40000, "10.8.0.5"};
  const unsigned server = server_of(client_sends(from_client(other).vlan(8)));
  ASSERT_NE(server, 0U);
  EXPECT_EQ(server_sends(from_server(other, server)), leaves(kP0, at_client(other).eth("02:00:00:00:aa:85", kNode0).vlan(8)));
}

// One arm: clients and servers are two VLANs of the one port that there is.
class OneArmStories : public VlanStories {
 protected:
  OneArmStories() {
    put_in(kP0, kClients), put_in(kP1, kServersLan);
    world.ports.resize(1);
    world.ports[0].vlans = {kClients, kServersLan};
    for (RouteEntry& route : world.routes) route.port = kP0;
    for (WorldNeighbour& neighbour : world.neighbours) neighbour.port = kP0;
    ++world.route_version;
    publish();
  }
  static Frame to_us(const Flow& flow, unsigned server, std::uint8_t flags = kTcpSyn | kTcpAck) {
    return from_server(flow, server, flags).eth(kNode0, server_mac(server)).vlan(kServersLan);
  }
  static Frame to_it(const Flow& flow, unsigned server, std::uint8_t flags = kTcpSyn) {
    return at_server(flow, server, flags).eth(server_mac(server), kNode0).vlan(kServersLan);
  }
  // By the MAC alone, since the port says nothing here.
  static unsigned whom(const Lines& lines) {
    for (const unsigned server : kServers)
      if (lines.size() == 1 && lines[0].find("> " + server_mac(server)) != std::string::npos) return server;
    return 0;
  }
};

TEST_F(OneArmStories, ConversationsGoInAndOutByOnePort) {
  for (const Service service : {kWeb, kWeb6, kDns, kDns6, kDirectWeb, kDirectDns6}) {
    const Flow flow{service, 40000};
    const unsigned server = whom(client_sends(from_client(flow).vlan(kClients)));
    ASSERT_NE(server, 0U) << name_of(service);
    if (!is_direct(service)) {
      EXPECT_EQ(client_sends(to_us(flow, server)), leaves(kP0, at_client(flow).vlan(kClients)));
    }
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).vlan(kClients)), leaves(kP0, to_it(flow, server, kTcpAck)));
  }
}

TEST_F(OneArmStories, UntaggedOrInAnotherVlanNothingPasses) {
  EXPECT_EQ(client_sends(from_client({kWeb, 40000}).vlan(8)), Lines{"drop unknown_vlan"});
  EXPECT_EQ(entries(), 0U);
}

// A group's MAC is taken on the LANs where it has a VRID, and on no other of the same port.
class VlanPairStories : public PairScenario {
 protected:
  VlanPairStories() {
    world.ports[0].vlans = {kClients, 8};
    for (VirtualMac& each : world.ports[0].virtual_macs) each.vlan = kClients;
    publish();
    we_have({kFirst});
  }
};

TEST_F(VlanPairStories, AGroupsMacCountsOnItsLanAlone) {
  EXPECT_NE(server_of(client_sends(by(kFirstMac, from_client({kWeb, 40000})).vlan(kClients))), 0U);
  EXPECT_EQ(client_sends(by(kFirstMac, from_client({kWeb, 40001})).vlan(8)), Lines{"drop not_for_us"});
  EXPECT_EQ(client_sends(by(kFirstMac, from_client({kWeb, 40002}))), Lines{"drop not_for_us"});
}

TEST_F(VlanPairStories, OnAnotherLanTheVipIsAnsweredWithThePortsMac) {
  EXPECT_EQ(client_sends(who_has("10.0.0.100").vlan(kClients)),
            leaves(kP0, frame().eth(kClient, kFirstMac).vlan(kClients).arp(2, kFirstMac, "10.0.0.100", kClient, "10.0.0.5")));
  EXPECT_EQ(client_sends(who_has("10.0.0.100").vlan(8)),
            leaves(kP0, frame().eth(kClient, kNode0).vlan(8).arp(2, kNode0, "10.0.0.100", kClient, "10.0.0.5")));
}

TEST_F(VlanPairStories, VrrpOfEachLanIsThePairs) {
  const auto advert = [](std::uint16_t vlan) {
    return frame().eth("01:00:5e:00:00:12", kPeer0).vlan(vlan).ip("10.0.0.2", "224.0.0.18").ttl(255).protocol(112).payload(16);
  };
  EXPECT_EQ(client_sends(advert(kClients)).at(0).substr(0, 7), "to pair");
  EXPECT_EQ(client_sends(advert(8)).at(0).substr(0, 7), "to pair");
  EXPECT_EQ(client_sends(advert(9)), Lines{"drop unknown_vlan"});
}

}  // namespace
}  // namespace tandem::test
