// SPDX-License-Identifier: Apache-2.0
// ICMP errors at a node of a pair: each is carried by the node that has the connection it is about.
#include "tests/packet/icmp_site.h"
#include "tests/packet/pair_site.h"

namespace tandem::test {
namespace {

class IcmpPeerStories : public PairScenario {
 protected:
  static inline const Flow kFlow{kWeb, 40000};
  static Frame to_the_vip() { return about(from_router(kFlow), {3, 1}, answer_on_its_way(kFlow)); }
  static Frame to_the_client(Service service = kWeb) {
    const Frame outer = frame().eth(kNode1, server_mac(11)).ip(address_of(service, 11), client_of({service, 40000}));
    return about(outer, {3, 3}, at_server({service, 40000}, 11));
  }
};

TEST_F(IcmpPeerStories, AboutAConnectionOfThePeersGroupItGoesToThePeer) {
  we_have({kSecond});
  EXPECT_EQ(client_sends(to_the_vip()), leaves(kP0, to_the_vip().eth(kPeer0, kNode0))) << "as it came but for its MACs";
  EXPECT_EQ(server_sends(to_the_client()), leaves(kP1, to_the_client().eth(kPeer1, kNode1)));
  EXPECT_EQ(counted(&WorkerCounters::handed_to_peer), 2U);
}

TEST_F(IcmpPeerStories, WhatComesFromThePeerIsNotHandedBack) {
  we_have({kSecond});
  EXPECT_EQ(client_sends(to_the_vip().eth(kNode0, kPeer0)), Lines{"drop icmp_error_unknown_flow"});
  EXPECT_EQ(server_sends(to_the_client().eth(kNode1, kPeer1)), Lines{"drop icmp_error_unknown_flow"});
}

TEST_F(IcmpPeerStories, WhatThePeerCannotKnowStaysHere) {
  we_have({kFirst});
  EXPECT_EQ(client_sends(to_the_vip()), Lines{"drop icmp_error_unknown_flow"}) << "its group is ours";
  EXPECT_EQ(server_sends(to_the_client(kDns)), Lines{"drop icmp_error_unknown_flow"}) << "the server's port is of our group alone";
  we_have_alone({kSecond});
  EXPECT_EQ(client_sends(to_the_vip()), Lines{"drop icmp_error_unknown_flow"}) << "nobody lives there";
  EXPECT_EQ(counted(&WorkerCounters::handed_to_peer), 0U);
}

TEST_F(IcmpPeerStories, AnEntryHereIsEnough) {
  const unsigned server = opens(kFlow);
  we_have({kSecond});
  EXPECT_EQ(client_sends(to_the_vip()), leaves(kP1, about(at_server_from_router(kFlow, server), {3, 1}, answer_as_sent(kFlow, server))));
}

TEST_F(IcmpPeerStories, ByAGroupsGatewayTheServerTellsTheClient) {
  const unsigned server = opens(kFlow);
  const Frame outer = frame().eth(kGatewayMac, server_mac(server)).ip(address_of(kWeb, server), "10.0.0.5");
  const Frame left = frame().eth(kClient, kNode0).ip("10.0.0.100", "10.0.0.5").ttl(63);
  EXPECT_EQ(server_sends(about(outer, {3, 3}, at_server(kFlow, server))), leaves(kP0, about(left, {3, 3}, from_client(kFlow).ttl(63))));
}

TEST_F(IcmpPeerStories, ThatAPacketExpiredTheNodeTellsThatTakesTheGroupsFrames) {
  EXPECT_EQ(client_sends(from_client(kFlow).ttl(1)).size(), 2U);
  EXPECT_EQ(client_sends(from_client(kFlow).eth(kNode0, kPeer0).ttl(1)), Lines{"drop ttl_expired"}) << "the peer is not its sender";
  we_have({kSecond});
  EXPECT_EQ(client_sends(from_client(kFlow).ttl(1)), Lines{"drop ttl_expired"});
  EXPECT_EQ(counted(IcmpErrorFate::unanswerable), 2U);
}

}  // namespace
}  // namespace tandem::test
