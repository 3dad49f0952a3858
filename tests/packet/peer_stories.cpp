// SPDX-License-Identifier: Apache-2.0
// What one node gives to the other, and what servers send by way of a group's gateway.
#include "tests/packet/pair_site.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

class PeerStories : public PairScenario {
 protected:
  void expect_handed(const Frame& came, const Lines& lines, PortId port, std::string_view peer, std::string_view own) {
    EXPECT_EQ(lines, leaves(port, Frame{came}.eth(peer, own))) << "as it came but for its MACs";
  }
  // Of a connection to either group's service: server 11 is a candidate of both for this client, or of none.
  Frame of_nobody() {
    for (std::uint16_t port = 40000;; ++port)
      if (const Frame reply = from_server({kWeb, port}, 11); server_sends(reply) == Lines{"drop reply_without_connection"}) return reply;
  }
  std::uint64_t handed() const { return counted(&WorkerCounters::handed_to_peer); }
};

TEST_F(PeerStories, AClientsPacketForThePeersGroupGoesToThePeer) {
  we_have({kSecond});
  for (const Frame& lost : {from_client({kWeb, 40000}), from_client({kWeb, 40001}, kTcpAck).payload(100), from_client({kDns6, 40000})})
    expect_handed(lost, client_sends(lost), kP0, kPeer0, kNode0);
  EXPECT_EQ(handed(), 3U);
  EXPECT_EQ(entries(), 0U);
  EXPECT_NE(opens({kDirectWeb, 40000}), 0U) << "the second group's are opened here";
}

TEST_F(PeerStories, WhatHasAnEntryHereIsForwardedHere) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  we_have({kSecond});
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck)));
  EXPECT_EQ(handed(), 0U);
}

TEST_F(PeerStories, WhatComesFromThePeerIsDecidedHere) {
  we_have({kSecond});
  const Flow flow{kWeb, 40000};
  EXPECT_NE(server_of(client_sends(from_client(flow).eth(kNode0, kPeer0))), 0U) << "each holds the other for active";
  EXPECT_EQ(handed(), 0U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(PeerStories, WhileAGroupMovesEachOpensWhatItGetsAndTheOtherIsAskedForAnswersItMayKnow) {
  Roles both = roles_of({kFirst, kSecond}, true);
  both.on_peer = 0b11;
  take_roles(both);
  EXPECT_NE(opens({kWeb, 40000}), 0U);
  EXPECT_EQ(handed(), 0U);
  server_sends(from_server({kWeb, 40001}, 11));
  EXPECT_EQ(handed(), 1U);
}

TEST_F(PeerStories, WithoutAPeerThatCanBeReachedItIsDecidedHere) {
  we_have_alone({kSecond});
  EXPECT_NE(opens({kWeb, 40000}), 0U) << "dead";
  we_have({kSecond});
  for (PeerOnLan& peer : world.ports[0].peers) peer.mac = {};
  publish();
  EXPECT_NE(opens({kWeb, 40001}), 0U) << "its MAC is not known";
  EXPECT_EQ(handed(), 0U);
}

TEST_F(PeerStories, WhatNobodyMaySendIsNotHandedEither) {
  we_have({kSecond});
  EXPECT_EQ(client_sends(from_client({kWeb, 1}).ttl(1)), Lines{"drop ttl_expired"});
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").tcp(1, 81, kTcpSyn)), Lines{"drop no_service"});
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("127.0.0.1", "10.0.0.100").tcp(1, 80, kTcpSyn)), Lines{"drop martian_source"});
}

TEST_F(PeerStories, InAVlanItKeepsItsTag) {
  world.ports[0].vlans = {7};
  for (PeerOnLan& peer : world.ports[0].peers) peer.vlan = 7;
  publish();
  we_have({kSecond});
  const Frame lost = from_client({kWeb, 40000}).vlan(7, 5);
  expect_handed(lost, client_sends(lost), kP0, kPeer0, kNode0);
  EXPECT_NE(server_of(client_sends(from_client({kWeb, 40001}))), 0U) << "untagged there is no peer";
}

TEST_F(PeerStories, AReplyThatProvesItsServiceNeedsNobody) {
  we_have({kSecond});
  const Flow flow{kDns, 40000};
  EXPECT_EQ(server_sends(from_server(flow, 11)), leaves(kP0, at_client(flow)));
  EXPECT_EQ(counted(OrphanDecision::stateless_reply), 1U);
}

TEST_F(PeerStories, AReplyOfASharedServerMayBeThePeers) {
  const Frame reply = of_nobody();
  EXPECT_EQ(server_sends(reply), Lines{"drop reply_without_connection"}) << "both groups are here: nobody else can know";
  for (const auto& groups : {std::initializer_list<GroupId>{kSecond}, {kFirst}}) {
    we_have(groups);
    expect_handed(reply, server_sends(reply), kP1, kPeer1, kNode1);
    EXPECT_EQ(server_sends(Frame{reply}.eth(kNode1, kPeer1)), Lines{"drop reply_without_connection"}) << "it does not know either";
  }
  EXPECT_EQ(handed(), 2U);
}

TEST_F(PeerStories, JustAfterATakeOverAnAnswerMayStillBeThePeersButNoRequestIs) {
  Roles roles = roles_of({kFirst, kSecond}, true);
  roles.on_peer = 1U << index(kFirst);
  take_roles(roles);
  const Frame reply = from_server({kWeb, 40000}, 11);
  expect_handed(reply, server_sends(reply), kP1, kPeer1, kNode1);
  EXPECT_NE(opens({kWeb, 40001}), 0U) << "its connections are opened here now";
  EXPECT_EQ(handed(), 1U);
}

TEST_F(PeerStories, AReplyOfAServerThatGroupsHereShareIsNotThePeers) {
  const Frame reply = of_nobody();
  world.group_of[address("10.0.0.102")] = kFirst;
  publish();
  we_have({kFirst});
  EXPECT_EQ(server_sends(reply), Lines{"drop reply_without_connection"});
}

Frame way_out(std::string_view target = "198.51.100.9") {
  return frame().eth(kGatewayMac, server_mac(11)).ip("10.0.1.11", target).tcp(50000, 443, kTcpSyn);
}

TEST_F(PeerStories, ByAGroupsGatewayNothingElseGoesUnlessItIsRouted) {
  EXPECT_EQ(server_sends(way_out()), Lines{"drop transit"});
  EXPECT_EQ(server_sends(frame().eth(kGatewayMac6, server_mac(11)).ip("fd01::11", "2001:db8::9").icmp(kIcmpv6EchoRequest)),
            Lines{"drop transit"});
  world.groups[0].transit = Transit::route;
  publish();
  EXPECT_EQ(server_sends(way_out()), Lines{"punt known " + leaves(kP1, way_out().eth(kNode1, server_mac(11)))[0]})
      << "its kernel takes frames to the port's MAC alone";
  we_have({kSecond});
  EXPECT_EQ(server_sends(way_out()), Lines{"drop standby_mac"});
}

TEST_F(PeerStories, TheNodeItselfIsReachedByAGroupsGatewayToo) {
  EXPECT_EQ(server_sends(way_out("10.0.0.1")), Lines{"punt known " + leaves(kP1, way_out("10.0.0.1").eth(kNode1, server_mac(11)))[0]});
}

TEST_F(PeerStories, AServiceIsReachedByAGroupsGatewayToo) {
  const Frame syn = frame().eth(kGatewayMac, server_mac(12)).ip("10.0.1.12", "10.0.0.101").tcp(50000, 80, kTcpSyn);
  EXPECT_NE(server_of(server_sends(syn)), 0U);
}

}  // namespace
}  // namespace tandem::test
