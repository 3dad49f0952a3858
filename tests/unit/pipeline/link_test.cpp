// SPDX-License-Identifier: Apache-2.0
// What the link decides: whose MAC, which VLAN, how long, by which port, and who is not known yet.
#include <gtest/gtest.h>

#include "tests/support/packet_text.h"
#include "tests/support/test_worker.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;
constexpr PortId kP0{0}, kP1{1};

class LinkTest : public testing::Test {
 protected:
  LinkTest() {
    world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:8080"}), dsr_service("10.0.0.101:80", {"10.0.1.12:80"}),
                      dsr_service("[fd00::101]:80", {"[fd01::12]:80"})};
    worker.publish();
  }
  Frame syn(std::string_view target = "10.0.0.100") { return frame().eth(kNode0, kClient).ip("10.0.0.5", target).tcp(++port, 80, kTcpSyn); }

  World world = two_port_world();
  TestWorker worker{world};
  std::uint16_t port = 1000;
};

TEST_F(LinkTest, DirectServerReturnChangesTheMacsAndTheTtlAlone) {
  EXPECT_EQ(worker.receive(kP0, syn("10.0.0.101").payload(9)).lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:12 | 10.0.0.5 > 10.0.0.101 ttl 63 | tcp 1001 > 80 S | 9 bytes"}));
  EXPECT_EQ(worker.receive(kP0, frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::101").tcp(5, 80, kTcpSyn)).lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:12 | fd00::5 > fd00::101 ttl 63 | tcp 5 > 80 S | 0 bytes"}));
}

TEST_F(LinkTest, FrameForAnotherMacIsNotForUs) {
  EXPECT_EQ(worker.receive(kP0, syn().eth(kNode1, kClient)).lines(), (Lines{"drop not_for_us"}))
      << "the other port's MAC is another's here";
  EXPECT_EQ(worker.receive(kP0, syn().eth("02:00:00:00:00:99", kClient).edit([](Bytes& bytes) { bytes.resize(20); })).lines(),
            (Lines{"drop not_for_us"}))
      << "damage in a frame for another is no concern of ours";
}

TEST_F(LinkTest, OwnFrameThatCameBackIsNamed) {
  EXPECT_EQ(worker.receive(kP0, syn().eth(kNode0, kNode0)).lines(), (Lines{"drop own_frame"}));
}

TEST_F(LinkTest, BroadcastToAVipIsNotForwarded) {
  EXPECT_EQ(worker.receive(kP0, syn().eth("ff:ff:ff:ff:ff:ff", kClient)).punted.size(), 1U);
  EXPECT_EQ(worker.table4().size(), 0U);
}

TEST_F(LinkTest, FrameShorterThanItsHeaderIsTruncated) {
  for (std::size_t length : {std::size_t{1}, std::size_t{13}, std::size_t{14}, std::size_t{33}, std::size_t{40}, std::size_t{53}})
    EXPECT_EQ(worker.receive(kP0, syn().edit([length](Bytes& bytes) { bytes.resize(length); })).lines(), (Lines{"drop truncated"}))
        << length;
}

TEST_F(LinkTest, UnknownTagIsNamed) {
  EXPECT_EQ(worker.receive(kP0, syn().vlan(7)).lines(), (Lines{"drop unknown_vlan"}));
  world.ports[0].vlans = {6, 7};
  worker.publish();
  EXPECT_EQ(worker.receive(kP0, syn().vlan(7)).sent.size(), 1U);
  EXPECT_EQ(worker.receive(kP0, syn().vlan(0, 3)).sent.size(), 1U) << "a priority alone";
  EXPECT_EQ(worker.receive(kP0, syn().vlan(8)).lines(), (Lines{"drop unknown_vlan"}));
}

TEST_F(LinkTest, PacketLeavesWithItsNextHopsTag) {
  world.ports[0].vlans = {7};
  world.ports[1].vlans = {9};
  for (RouteEntry& route : world.routes)
    if (route.port == kP1) route.vlan = 9;
  for (WorldNeighbour& neighbour : world.neighbours)
    if (neighbour.port == kP1) neighbour.vlan = 9;
  worker.publish();
  EXPECT_EQ(worker.receive(kP0, syn().payload(4)).lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:11 vlan 9 | 10.0.0.5 > 10.0.1.11 ttl 63 | tcp 1001 > 8080 S | 4 bytes"}))
      << "added";
  EXPECT_EQ(worker.receive(kP0, syn().vlan(7, 5).payload(4)).lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:11 vlan 9 prio 5 | 10.0.0.5 > 10.0.1.11 ttl 63 | tcp 1002 > 8080 S | 4 bytes"}))
      << "changed, and its priority kept";
  const Frame reply = frame().eth(kNode1, server_mac(11)).vlan(9).ipv4("10.0.1.11", "10.0.0.5").tcp(8080, 1001, kTcpSyn | kTcpAck);
  EXPECT_EQ(worker.receive(kP1, reply).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 63 | tcp 80 > 1001 SA | 0 bytes"}))
      << "removed";
}

TEST_F(LinkTest, FrameBeyondItsPortsMtuIsASuperFrame) {
  EXPECT_EQ(worker.receive(kP0, syn().payload(1460)).sent.size(), 1U);
  EXPECT_EQ(worker.receive(kP0, syn().payload(1461)).lines(), (Lines{"drop super_frame"}));
  EXPECT_EQ(worker.receive(kP0, syn().pad_to(1515)).lines(), (Lines{"drop super_frame"})) << "padding is length as well";
}

TEST_F(LinkTest, FrameBeyondTheOutgoingMtuIsNamed) {
  world.ports[1].mtu_bytes = 1400;
  worker.publish();
  EXPECT_EQ(worker.receive(kP0, syn().payload(1360)).sent.size(), 1U);
  EXPECT_EQ(worker.receive(kP0, syn().payload(1361)).lines().back(), "drop mtu_exceeded");
}

TEST_F(LinkTest, PortWithoutLinkIsNamed) {
  world.ports[1].up = false;
  worker.publish();
  EXPECT_EQ(worker.receive(kP0, syn()).lines(), (Lines{"drop port_down"}));
}

TEST_F(LinkTest, UnknownBackendMacHoldsThePacketUntilItIsKnown) {
  const WorldNeighbour server = world.neighbours[3];
  ASSERT_EQ(to_string(server.address), "10.0.1.11");
  world.neighbours.erase(world.neighbours.begin() + 3);
  worker.publish();
  Outcome out = worker.receive(kP0, syn().payload(6));
  ASSERT_EQ(out.lines(), (Lines{"hold for 10.0.1.11"}));
  EXPECT_EQ(release_held(worker.generation(), out.held[0]).verdict, Verdict::hold);
  EXPECT_EQ(to_string(awaited_neighbour(worker.generation(), out.held[0]).value().address), "10.0.1.11");
  world.neighbours.push_back(server);
  worker.publish();
  const Release released = release_held(worker.generation(), out.held[0]);
  EXPECT_EQ(released.verdict, Verdict::transmit);
  EXPECT_EQ(released.port, kP1);
  EXPECT_EQ(to_line(bytes_of(out.held[0].mbuf)),
            "02:00:00:00:00:02 > 02:00:00:00:bb:11 | 10.0.0.5 > 10.0.1.11 ttl 63 | tcp 1001 > 8080 S | 6 bytes");
  out.release();
}

TEST_F(LinkTest, UnknownClientMacHoldsTheReply) {
  worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("10.0.0.77", "10.0.0.100").tcp(5, 80, kTcpSyn));
  const Frame reply = frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.0.77").tcp(8080, 5, kTcpSyn | kTcpAck);
  Outcome out = worker.receive(kP1, reply);
  ASSERT_EQ(out.lines(), (Lines{"hold for 10.0.0.77"}));
  world.neighbours.push_back({address("10.0.0.77"), mac("02:00:00:00:aa:77"), kP0, 0});
  worker.publish();
  EXPECT_EQ(release_held(worker.generation(), out.held[0]).verdict, Verdict::transmit);
  EXPECT_EQ(to_line(bytes_of(out.held[0].mbuf)),
            "02:00:00:00:00:01 > 02:00:00:00:aa:77 | 10.0.0.100 > 10.0.0.77 ttl 63 | tcp 80 > 5 SA | 0 bytes");
  EXPECT_EQ(worker.receive(kP1, reply).sent.size(), 1U) << "the next one does not wait, though no route changed";
  out.release();
}

TEST_F(LinkTest, HeldPacketIsJudgedByItsPortWhenItLeaves) {
  const WorldNeighbour server = world.neighbours[3];
  world.neighbours.erase(world.neighbours.begin() + 3);
  worker.publish();
  Outcome out = worker.receive(kP0, syn().payload(1000));
  world.neighbours.push_back(server);
  world.ports[1].mtu_bytes = 1000;
  worker.publish();
  EXPECT_EQ(name_of(release_held(worker.generation(), out.held.at(0)).reason), "mtu_exceeded");
  world.ports[1].up = false;
  worker.publish();
  EXPECT_EQ(name_of(release_held(worker.generation(), out.held.at(0)).reason), "port_down");
  out.release();
}

TEST_F(LinkTest, ClientWithoutRouteIsNamed) {
  worker.receive(kP0, frame().eth(kNode0, kClient).ipv4("192.0.2.1", "10.0.0.100").tcp(5, 80, kTcpSyn));
  std::erase_if(world.routes, [](const RouteEntry& route) { return route.prefix.length == 0; });
  ++world.route_version;
  worker.publish();
  EXPECT_EQ(worker.receive(kP1, frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "192.0.2.1").tcp(8080, 5, kTcpAck)).lines(),
            (Lines{"drop no_route"}));
}

TEST_F(LinkTest, InjectedFrameGoesOutAsItIs) {
  const Bytes own = frame().eth(kClient, kNode0).ipv4("10.0.0.1", "10.0.0.5").udp(1, 2).bytes();
  const Outcome out = worker.receive_mbuf(kP0, to_mbuf(own), Origin::injected);
  ASSERT_EQ(out.sent.size(), 1U);
  EXPECT_EQ(out.sent[0].frame, own);
  EXPECT_EQ(out.sent[0].port, kP0);
  world.ports[0].up = false;
  worker.publish();
  EXPECT_EQ(worker.receive_mbuf(kP0, to_mbuf(own), Origin::injected).lines(), (Lines{"drop port_down"}));
}

TEST_F(LinkTest, ChainIsForwardedWhole) {
  const Bytes whole = syn().payload(900).bytes();
  for (std::size_t first : {std::size_t{1}, std::size_t{14}, std::size_t{33}, std::size_t{54}, std::size_t{300}, whole.size() - 1}) {
    const Outcome out = worker.receive_mbuf(kP0, to_chain(whole, first));
    ASSERT_EQ(out.sent.size(), 1U) << first;
    EXPECT_TRUE(checksums_are_right(out.sent[0].frame)) << first;
    EXPECT_EQ(out.sent[0].frame.size(), whole.size());
  }
}

}  // namespace
}  // namespace tandem::test
