// SPDX-License-Identifier: Apache-2.0
// The node's own traffic beside the services': what goes to the kernel and what comes from it, VLANs, ports without a twin or a link.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

class NodeStories : public Scenario {
 protected:
  void expect_punt(const Frame& frame, const std::string& punt_class, PortId port = kP0) {
    EXPECT_EQ(receive(port, {frame.bytes()}), Lines{"punt " + punt_class + " " + leaves(port, frame)[0]});
  }
  static Frame to_node() { return frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.1"); }

  // Tags 7 on p0 and 9 on p1: every neighbour of a port lives in its VLAN.
  void tag_everybody() {
    world.ports[0].vlans = {7};
    world.ports[1].vlans = {9};
    for (RouteEntry& route : world.routes) route.vlan = route.port == kP0 ? 7 : 9;
    for (WorldNeighbour& neighbour : world.neighbours) neighbour.vlan = neighbour.port == kP0 ? 7 : 9;
    ++world.route_version;
    publish();
  }
};

TEST_F(NodeStories, AnAdministratorsSessionBesideTheServices) {
  expect_punt(to_node().tcp(50000, 22, kTcpSyn), "rest");
  const Frame answer = frame().eth(kClient, kNode0).ip("10.0.0.1", "10.0.0.5").tcp(22, 50000, kTcpSyn | kTcpAck);
  EXPECT_EQ(kernel_sends(kP0, answer), leaves(kP0, answer)) << "as it is, hop limit and all";
  opens({kWeb, 50000});
  expect_punt(to_node().tcp(50000, 22, kTcpAck).payload(40), "rest");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(NodeStories, PuntClassesBySender) {
  expect_punt(to_node().protocol(112).payload(8), "control");
  expect_punt(frame().eth("01:00:5e:00:00:12", kClient).ip("10.0.0.5", "224.0.0.18").protocol(112).payload(8), "control");
  expect_punt(frame().eth(kNode0, kGateway).ip("10.0.0.254", "10.0.0.1").tcp(179, 40000, kTcpAck), "known");
  expect_punt(frame().eth(kNode1, server_mac(12)).ip("10.0.1.12", "10.0.1.1").icmp(kIcmpEchoReply), "known", kP1);
  expect_punt(frame().eth(kNode1, server_mac(12)).ip("fd01::12", "fd01::1").tcp(22, 1, kTcpAck), "known", kP1);
  expect_punt(to_node().icmp(kIcmpEchoRequest).payload(56), "rest");
  expect_punt(frame().eth("01:80:c2:00:00:0e", kClient).type(0x88cc).payload(46), "rest");
  EXPECT_EQ(counted(&WorkerCounters::consumed), 0U);
}

// By its source it is a VIP's that somebody stole; it is the answer to a check that asked the server for that address.
TEST_F(NodeStories, AServerThatIsAskedForAVipAnswersByIt) {
  const auto answer = [](std::string_view vip, std::string_view node) {
    return frame().eth(kNode1, server_mac(11)).ip(vip, node).tcp(80, 40000, kTcpSyn | kTcpAck);
  };
  EXPECT_EQ(server_sends(answer("10.0.0.100", "10.0.1.1")), Lines{"drop source_is_vip"}) << "nobody asks";
  world.asked_vips = {address("10.0.0.100"), address("fd00::100")};
  publish();
  expect_punt(answer("10.0.0.100", "10.0.1.1"), "known", kP1);
  expect_punt(answer("fd00::100", "fd01::1"), "known", kP1);
  EXPECT_EQ(server_sends(answer("10.0.0.100", "10.0.0.5")), Lines{"drop source_is_vip"}) << "to others than the node";
  EXPECT_EQ(server_sends(answer("10.0.0.100", "10.0.0.101")).size(), 1U);
  EXPECT_EQ(server_sends(answer("10.0.0.101", "10.0.1.1")), Lines{"drop source_is_vip"}) << "another VIP";
  EXPECT_EQ(server_sends(frame().eth(kNode1, server_mac(11)).ip("10.0.0.100", "10.0.1.1").udp(80, 40000)), Lines{"drop source_is_vip"});
  EXPECT_EQ(entries(), 0U);
}

TEST_F(NodeStories, MulticastIsNeverForwarded) {
  expect_punt(frame().eth("01:00:5e:00:00:64", kClient).ip("10.0.0.5", "10.0.0.100").tcp(1, 80, kTcpSyn), "rest");
  expect_punt(frame().eth("33:33:00:00:00:01", kClient).ip("fd00::5", "fd00::100").tcp(1, 80, kTcpSyn), "rest");
  EXPECT_EQ(entries(), 0U);
}

TEST_F(NodeStories, AConversationThroughVlansOnBothSides) {
  tag_everybody();
  for (const Service service : {kWeb, kWeb6}) {
    const Flow flow{service, 40000};
    const unsigned server = server_of(client_sends(from_client(flow).vlan(7)));
    EXPECT_EQ(server_sends(from_server(flow, server).vlan(9)), leaves(kP0, at_client(flow).vlan(7)));
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).vlan(7, 5)), leaves(kP1, at_server(flow, server, kTcpAck).vlan(9, 5)))
        << "the priority is kept";
  }
}

TEST_F(NodeStories, AVlanIsAddedAndTakenAway) {
  world.ports[0].vlans = {7};
  publish();
  const Flow flow{kWeb, 40000};
  const unsigned server = server_of(client_sends(from_client(flow).vlan(7)));
  EXPECT_EQ(client_sends(from_client(flow).vlan(7)), leaves(kP1, at_server(flow, server))) << "servers live untagged";
  tag_everybody();
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck).vlan(9)));
}

TEST_F(NodeStories, VlansThatAreNotOurs) {
  EXPECT_EQ(client_sends(from_client({kWeb, 1}).vlan(7)), Lines{"drop unknown_vlan"});
  tag_everybody();
  EXPECT_EQ(client_sends(from_client({kWeb, 1}).vlan(9)), Lines{"drop unknown_vlan"}) << "the other port's";
  EXPECT_EQ(server_sends(from_server({kWeb, 1}, 11).vlan(7)), Lines{"drop unknown_vlan"});
  EXPECT_NE(server_of(client_sends(from_client({kWeb, 1}).vlan(7))), 0U);
  EXPECT_EQ(counted(DropReason::unknown_vlan), 3U);
}

TEST_F(NodeStories, TheVipAnswersInTheAskersVlan) {
  tag_everybody();
  const Frame question = frame().eth("ff:ff:ff:ff:ff:ff", kClient).vlan(7).arp(1, kClient, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.100");
  EXPECT_EQ(client_sends(question), leaves(kP0, frame().eth(kClient, kNode0).vlan(7).arp(2, kNode0, "10.0.0.100", kClient, "10.0.0.5")));
  const Frame ping = frame().eth(kNode0, kClient).vlan(7, 3).ip("10.0.0.5", "10.0.0.100").icmp(kIcmpEchoRequest);
  EXPECT_EQ(client_sends(ping), leaves(kP0, frame().eth(kClient, kNode0).vlan(7, 3).ip("10.0.0.100", "10.0.0.5").icmp(kIcmpEchoReply)));
}

TEST_F(NodeStories, APortWithoutATwinAnswersForItselfAndNamesTheRest) {
  world.ports[0].twin = TwinKind::none;
  publish();
  EXPECT_EQ(client_sends(frame().eth("ff:ff:ff:ff:ff:ff", kClient).arp(1, kClient, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.1")),
            leaves(kP0, frame().eth(kClient, kNode0).arp(2, kNode0, "10.0.0.1", kClient, "10.0.0.5")));
  EXPECT_EQ(client_sends(to_node().icmp(kIcmpEchoRequest)).at(0).substr(0, 4), "p0: ");
  EXPECT_EQ(client_sends(to_node().tcp(1, 22, kTcpSyn)), Lines{"drop no_twin"});
  EXPECT_EQ(client_sends(frame().eth("01:80:c2:00:00:0e", kClient).type(0x88cc).payload(46)), Lines{"drop bad_ethernet_type"});
  EXPECT_NE(opens({kWeb, 40000}), 0U);
  expect_punt(frame().eth(kNode1, server_mac(12)).ip("10.0.1.12", "10.0.1.1").icmp(kIcmpEchoReply), "known", kP1);
}

TEST_F(NodeStories, APortWithoutALinkIsNamedUntilItIsBack) {
  const Flow flow{kWeb, 40000};
  const unsigned server = opens(flow);
  world.ports[1].up = false;
  publish();
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), Lines{"drop port_down"});
  EXPECT_EQ(client_sends(from_client({kWeb, 50000})), Lines{"drop port_down"});
  EXPECT_EQ(kernel_sends(kP1, frame().eth(server_mac(11), kNode1).ip("10.0.1.1", "10.0.1.11").udp(1, 2)), Lines{"drop port_down"});
  EXPECT_EQ(server_sends(from_server(flow, server, kTcpAck)), leaves(kP0, at_client(flow, kTcpAck))) << "it may still receive";
  world.ports[1].up = true;
  publish();
  EXPECT_EQ(client_sends(from_client(flow, kTcpAck)), leaves(kP1, at_server(flow, server, kTcpAck)));
  EXPECT_EQ(counted(kWeb, server, &BackendCounters::received_packets), 3U) << "what did not leave was not received";
}

TEST_F(NodeStories, ALinkThatFlapsCostsWhatIsSentMeanwhileAndNoConnection) {
  std::map<std::uint16_t, unsigned> servers;
  for (std::uint16_t port = 1; port <= 10; ++port) servers[port] = opens({kWeb, port});
  for (int flap = 0; flap < 20; ++flap)
    for (const bool up : {false, true}) {
      world.ports[1].up = up;
      publish();
      for (const auto& [port, server] : servers)
        EXPECT_EQ(client_sends(from_client({kWeb, port}, kTcpAck)),
                  up ? leaves(kP1, at_server({kWeb, port}, server, kTcpAck)) : Lines{"drop port_down"});
    }
  EXPECT_EQ(entries(ConnState::established), 10U);
  EXPECT_EQ(counted(DropReason::port_down), 200U);
}

TEST_F(NodeStories, ANarrowerPortTakesWhatFits) {
  world.ports[1].mtu_bytes = 1400;
  publish();
  for (const Flow& flow : {Flow{kWeb, 40000}, Flow{kDirectWeb, 40000}}) {
    const unsigned server = opens(flow);
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).payload(1360)), leaves(kP1, at_server(flow, server, kTcpAck).payload(1360)));
    EXPECT_EQ(client_sends(from_client(flow, kTcpAck).payload(1361)).back(), "drop mtu_exceeded");
  }
  EXPECT_EQ(counted(DropReason::mtu_exceeded), 2U);
}

}  // namespace
}  // namespace tandem::test
