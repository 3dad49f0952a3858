// SPDX-License-Identifier: Apache-2.0
// Two nodes on the LANs, told from one of them: whose frames are taken, who answers for a VIP, and what goes to the pair's thread.
#include "tests/packet/pair_site.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

using PairStories = PairScenario;

Lines to_pair(PortId port, const Frame& frame) { return {"to pair " + leaves(port, frame)[0]}; }
Lines punted(PortId port, const Frame& frame, const std::string& punt_class) {
  return {"punt " + punt_class + " " + leaves(port, frame)[0]};
}

TEST_F(PairStories, AConversationByTheGroupsMacsOnBothSides) {
  for (const Flow& flow : {Flow{kWeb, 40000}, Flow{kDns, 40000}, Flow{kWeb6, 40000}}) {
    const bool ipv6 = is_ipv6(flow.service);
    const std::string_view front = ipv6 ? kFirstMac6 : kFirstMac, back = ipv6 ? kGatewayMac6 : kGatewayMac;
    const unsigned server = server_of(client_sends(by(front, from_client(flow))));
    ASSERT_NE(server, 0U);
    EXPECT_EQ(server_sends(by(back, from_server(flow, server), server_mac(server))), leaves(kP0, at_client(flow)))
        << "forwarded frames carry the port's own MAC";
    EXPECT_EQ(client_sends(by(front, from_client(flow, kTcpAck))), leaves(kP1, at_server(flow, server, kTcpAck)));
  }
}

TEST_F(PairStories, TheGroupsMacIsTakenWhileTheGroupIsHere) {
  const Frame syn = by(kFirstMac, from_client({kWeb, 40000}));
  we_have({kSecond});
  EXPECT_EQ(client_sends(syn), Lines{"drop standby_mac"});
  EXPECT_EQ(client_sends(by(kFirstMac6, from_client({kWeb6, 40000}))), Lines{"drop standby_mac"});
  Roles yielding = roles_of({kSecond}, true);
  yielding.on_peer = 0, yielding.receives |= 1;
  take_roles(yielding);
  EXPECT_NE(server_of(client_sends(syn)), 0U) << "what is under way while it moves";
  EXPECT_EQ(client_sends(by("00:00:5e:00:01:0c", from_client({kWeb, 40000}))), Lines{"drop not_for_us"}) << "another VRID";
  EXPECT_EQ(client_sends(by(kGatewayMac, from_client({kWeb, 40000}))), Lines{"drop not_for_us"}) << "the other port's";
}

TEST_F(PairStories, AFloodedFrameIsForwardedByOneNodeAlone) {
  std::uint16_t port = 1000;
  for (const Service service : {kWeb, kDns, kWeb6}) {
    const Frame flooded = by(is_ipv6(service) ? kFirstMac6 : kFirstMac, from_client({service, ++port}));
    unsigned forwarded = 0;
    for (const auto& groups : {std::initializer_list<GroupId>{kFirst}, {kSecond}}) {
      we_have(groups);
      forwarded += server_of(client_sends(flooded)) != 0;
    }
    EXPECT_EQ(forwarded, 1U) << name_of(service);
  }
}

TEST_F(PairStories, TheGroupsMacInItsVlanAlone) {
  world.ports[0].vlans = {7};
  world.ports[0].virtual_macs[0].vlan = 7;
  publish();
  EXPECT_NE(server_of(client_sends(by(kFirstMac, from_client({kWeb, 40000})).vlan(7))), 0U);
  EXPECT_EQ(client_sends(by(kFirstMac, from_client({kWeb, 40000}))), Lines{"drop not_for_us"});
  EXPECT_EQ(client_sends(who_has("10.0.0.100").vlan(7)),
            leaves(kP0, frame().eth(kClient, kFirstMac).vlan(7).arp(2, kFirstMac, "10.0.0.100", kClient, "10.0.0.5")));
}

TEST_F(PairStories, TheActiveNodeAnswersWithTheGroupsMac) {
  EXPECT_EQ(client_sends(who_has("10.0.0.100")),
            leaves(kP0, frame().eth(kClient, kFirstMac).arp(2, kFirstMac, "10.0.0.100", kClient, "10.0.0.5")));
  EXPECT_EQ(client_sends(solicitation("fd00::100")),
            Lines{"p0: 00:00:5e:00:02:0a > 02:00:00:00:aa:05 | fd00::100 > fd00::5 ttl 255 | icmp type 136 code 0 | 24 bytes"});
  EXPECT_EQ(server_sends(frame().eth(kBroadcast, server_mac(11)).arp(1, server_mac(11), "10.0.1.11", kNobody, "10.0.1.100")),
            leaves(kP1, frame().eth(server_mac(11), kGatewayMac).arp(2, kGatewayMac, "10.0.1.100", server_mac(11), "10.0.1.11")))
      << "the gateway of the servers";
  EXPECT_EQ(client_sends(ping("10.0.0.100")).at(0).substr(0, 21), "p0: 02:00:00:00:00:01");
}

TEST_F(PairStories, WhereTheGroupHasNoMacTheNodesAnswers) {
  world.ports[0].virtual_macs.clear();
  publish();
  EXPECT_EQ(client_sends(who_has("10.0.0.100")),
            leaves(kP0, frame().eth(kClient, kNode0).arp(2, kNode0, "10.0.0.100", kClient, "10.0.0.5")));
}

TEST_F(PairStories, TheStandbyIsSilent) {
  for (const bool peer_lives : {true, false}) {
    take_roles(roles_of({kSecond}, peer_lives));
    for (const Frame& question :
         {who_has("10.0.0.100"), who_has("10.0.1.100"), solicitation("fd00::100"), ping("10.0.0.100"), ping("fd00::100")})
      EXPECT_EQ(client_sends(question), Lines{"drop standby_vip"});
    EXPECT_EQ(client_sends(who_has("10.0.0.101")).at(0).substr(0, 21), "p0: 00:00:5e:00:01:0b") << "the second group is here";
  }
  EXPECT_EQ(counted(DropReason::standby_vip), 10U);
}

TEST_F(PairStories, ThePeersAnnouncementsAreNoAttack) {
  we_have({kSecond});
  const auto announced = [](std::string_view by) { return frame().eth(kBroadcast, by).arp(1, by, "10.0.0.100", kNobody, "10.0.0.100"); };
  const Frame advert = frame().eth("33:33:00:00:00:01", kFirstMac6).ip("fd00::100", "ff02::1").neighbour(kNdNeighbourAdvert, "fd00::100");
  EXPECT_EQ(client_sends(announced(kFirstMac)), Lines{"drop standby_vip"});
  EXPECT_EQ(client_sends(advert), Lines{"drop standby_vip"});
  we_have_alone({kSecond});  // before we know that it has it
  EXPECT_EQ(client_sends(announced(kFirstMac)), Lines{"drop standby_vip"});
  EXPECT_EQ(client_sends(announced(kPeer0)), Lines{"drop standby_vip"});
  EXPECT_EQ(client_sends(advert), Lines{"drop standby_vip"});
  EXPECT_EQ(client_sends(announced(kClient)), Lines{"drop source_is_vip"}) << "a stranger";
  EXPECT_EQ(client_sends(announced(kSecondMac)), Lines{"drop own_frame"}) << "from a MAC that is ours now";
  we_have({kFirst, kSecond});
  EXPECT_EQ(client_sends(announced(kPeer0)), Lines{"drop source_is_vip"}) << "what we have ourselves";
  EXPECT_EQ(client_sends(announced(kFirstMac)), Lines{"drop own_frame"});
  EXPECT_EQ(counted(DropReason::source_is_vip), 2U);
}

Frame vrrp(std::string_view source = "10.0.0.2", std::string_view by = kFirstMac) {
  return frame().eth("01:00:5e:00:00:12", by).ip(source, "224.0.0.18").ttl(255).protocol(112).payload(12);
}

TEST_F(PairStories, AdvertsGoToThePairsThread) {
  const Frame advert6 = frame().eth("33:33:00:00:00:12", kFirstMac6).ip("fe80::2", "ff02::12").ttl(255).protocol(112).payload(24);
  const Frame unicast = frame().eth(kNode0, kPeer0).ip("10.0.0.2", "10.0.0.1").ttl(255).protocol(112).payload(12);
  for (const auto& groups : {std::initializer_list<GroupId>{kSecond}, {kFirst, kSecond}}) {
    we_have(groups);  // also while both nodes hold themselves for active, and the advert comes from a MAC that is ours as well
    EXPECT_EQ(client_sends(vrrp()), to_pair(kP0, vrrp()));
    EXPECT_EQ(client_sends(advert6), to_pair(kP0, advert6));
    EXPECT_EQ(client_sends(unicast), to_pair(kP0, unicast));
  }
}

TEST_F(PairStories, AdvertsThatAreNone) {
  EXPECT_EQ(client_sends(vrrp().ttl(254)), Lines{"drop vrrp_ttl"}) << "from beyond the LAN";
  EXPECT_EQ(client_sends(vrrp("10.0.0.1")), Lines{"drop own_frame"}) << "our own, come back";
  EXPECT_EQ(client_sends(vrrp("10.0.0.1", kNode0)), Lines{"drop own_frame"});
  const Frame by_peer = vrrp("10.0.0.2", kPeer0), fragment = Frame{by_peer}.fragment(0, true);
  EXPECT_EQ(client_sends(fragment), punted(kP0, fragment, "control")) << "no advert is so long";
  EXPECT_EQ(client_sends(Frame{by_peer}.edit_ipv4([](Ipv4Header& ip) { ip.checksum = Be16{1}; }, false)), Lines{"drop bad_ip_checksum"});
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").ttl(255).protocol(112).payload(12)),
            Lines{"drop unsupported_protocol"})
      << "to a VIP";
}

TEST_F(PairStories, ThePeersDatagramsGoToThePairsThread) {
  const auto datagram = [](std::string_view source, std::string_view target, std::uint16_t port) {
    return frame().eth(kNode0, kPeer0).ip(source, target).udp(50000, port).payload(100);
  };
  for (const Frame& hello : {datagram("10.0.0.2", "10.0.0.1", kPairPort), datagram("fd00::2", "fd00::1", kPairPort)})
    EXPECT_EQ(client_sends(hello), to_pair(kP0, hello));
  const Frame other_port = datagram("10.0.0.2", "10.0.0.1", 53), stranger = datagram("10.0.0.5", "10.0.0.1", kPairPort);
  EXPECT_EQ(client_sends(other_port), punted(kP0, other_port, "rest"));
  EXPECT_EQ(client_sends(stranger), punted(kP0, stranger, "rest"));
  const Frame elsewhere = datagram("10.0.1.2", "10.0.0.1", kPairPort);
  EXPECT_EQ(client_sends(elsewhere), punted(kP0, elsewhere, "rest")) << "it lives on the other port's LAN";
}

TEST_F(PairStories, WithoutAPairAllOfItIsTheKernels) {
  world.pair = {};
  publish();
  const Frame hello = frame().eth(kNode0, kPeer0).ip("10.0.0.2", "10.0.0.1").udp(50000, kPairPort).payload(100);
  EXPECT_EQ(client_sends(vrrp().ttl(1)), punted(kP0, vrrp().ttl(1), "control"));
  EXPECT_EQ(client_sends(hello), punted(kP0, hello, "rest"));
}

}  // namespace
}  // namespace tandem::test
