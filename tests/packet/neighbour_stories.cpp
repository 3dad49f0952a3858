// SPDX-License-Identifier: Apache-2.0
// ARP, neighbour discovery and echo; and packets that wait until their next hop's MAC is known.
#include "tests/packet/scenario.h"

namespace tandem::test {
namespace {

using NeighbourStories = Scenario;

constexpr std::string_view kBroadcast = "ff:ff:ff:ff:ff:ff", kNobody = "00:00:00:00:00:00";

Frame who_has(std::string_view target, std::string_view sender = "10.0.0.5") {
  return frame().eth(kBroadcast, kClient).arp(1, kClient, sender, kNobody, target);
}

Frame solicitation(std::string_view target, std::string_view source = "fd00::5") {
  const Bytes own_mac{1, 1, 2, 0, 0, 0, 0xaa, 5};
  return frame().eth("33:33:ff:00:01:00", kClient).ip(source, "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, target, 0, own_mac);
}

TEST_F(NeighbourStories, AClientAsksForTheVipPingsItAndConnects) {
  EXPECT_EQ(
      client_sends(who_has("10.0.0.100")),
      Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | arp reply 10.0.0.5 (02:00:00:00:aa:05) from 10.0.0.100 (02:00:00:00:00:01)"});
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("10.0.0.5", "10.0.0.100").icmp(kIcmpEchoRequest).payload(56)),
            Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 64 | icmp type 0 code 0 | 56 bytes"});
  EXPECT_NE(opens({kWeb, 40000}), 0U);
  EXPECT_EQ(counted(&WorkerCounters::consumed), 2U);
  EXPECT_EQ(counted(&WorkerCounters::originated), 2U);
}

TEST_F(NeighbourStories, TheSameInIpv6) {
  EXPECT_EQ(client_sends(solicitation("fd00::100")),
            Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | fd00::100 > fd00::5 ttl 255 | icmp type 136 code 0 | 24 bytes"});
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).ip("fd00::5", "fd00::100").icmp(kIcmpv6EchoRequest).payload(56)),
            Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | fd00::100 > fd00::5 ttl 64 | icmp type 129 code 0 | 56 bytes"});
  EXPECT_NE(opens({kWeb6, 40000}), 0U);
  EXPECT_EQ(counted(&WorkerCounters::consumed), 2U);
}

TEST_F(NeighbourStories, AnAddressProbeForAVipIsAnsweredToEverybody) {
  const Frame probe = frame().eth("33:33:ff:00:01:00", kClient).ip("::", "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, "fd00::100");
  EXPECT_EQ(client_sends(probe),
            Lines{"p0: 02:00:00:00:00:01 > 33:33:00:00:00:01 | fd00::100 > ff02::1 ttl 255 | icmp type 136 code 0 | 24 bytes"});
}

// The answer names our MAC in an option, which the question need not have had.
TEST_F(NeighbourStories, AQuestionWhoseBufferHasNoRoomForTheAnswerIsNamed) {
  const Frame question =
      frame().eth("33:33:ff:00:01:00", kClient).ip("fd00::5", "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, "fd00::100");
  EXPECT_EQ(receive_mbuf(kP0, to_guarded_mbuf(question.bytes())), Lines{"drop no_buffer"});
  EXPECT_EQ(client_sends(question).size(), 1U) << "with room it is answered";
}

TEST_F(NeighbourStories, QuestionsForOthersAreTheKernels) {
  for (const Frame& question : {who_has("10.0.0.1"), who_has("10.0.0.9"), solicitation("fd00::1"), solicitation("fd00::9")}) {
    const Lines lines = client_sends(question);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].substr(0, 17), "punt control p0: ") << lines[0];
  }
  EXPECT_EQ(counted(&WorkerCounters::originated), 0U);
}

TEST_F(NeighbourStories, SomebodyElseClaimsAVip) {
  EXPECT_EQ(client_sends(who_has("10.0.0.100", "10.0.0.100")), Lines{"drop source_is_vip"}) << "a gratuitous request";
  EXPECT_EQ(client_sends(frame().eth(kNode0, kClient).arp(2, kClient, "10.0.0.101", kNode0, "10.0.0.1")), Lines{"drop source_is_vip"});
  EXPECT_EQ(counted(DropReason::source_is_vip), 2U);
}

TEST_F(NeighbourStories, PacketsForAServerWhoseMacIsUnknownWaitAndLeaveInOrder) {
  const Flow flow{kDns, 1000};
  const unsigned server = opens(flow);
  const std::string at = address_of(kDns, server);
  forget_neighbour(at);
  publish();
  for (std::size_t size = 1; size <= 3; ++size) EXPECT_EQ(client_sends(from_client(flow).payload(size)), Lines{"hold for " + at});
  learn_neighbour(at, "02:00:00:00:bb:99", kP1);
  Lines expected;
  for (std::size_t size = 1; size <= 3; ++size)
    expected.push_back(leaves(kP1, at_server(flow, server).eth("02:00:00:00:bb:99", kNode1).payload(size))[0]);
  EXPECT_EQ(publish(), expected);
  EXPECT_EQ(server_of(client_sends(from_client(flow))), 99U) << "the next does not wait";
}

TEST_F(NeighbourStories, AnAnswerWaitsForItsClientsMac) {
  for (const Flow& flow : {Flow{kWeb, 40000, "10.0.0.77"}, Flow{kWeb6, 40000, "fd00::77"}}) {
    const unsigned server = server_of(client_sends(from_client(flow)));
    EXPECT_EQ(server_sends(from_server(flow, server)), Lines{"hold for " + flow.client});
    learn_neighbour(flow.client, "02:00:00:00:aa:77", kP0);
    EXPECT_EQ(publish(), leaves(kP0, at_client(flow).eth("02:00:00:00:aa:77", kNode0)));
    EXPECT_EQ(counted(flow.service, server, &BackendCounters::transmitted_packets), 1U);
  }
}

TEST_F(NeighbourStories, APacketWaitsNoLongerThanASecond) {
  for (const unsigned server : kServers) forget_neighbour(address_of(kWeb, server));
  publish();
  const Lines held = client_sends(from_client({kWeb, 40000}));
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].substr(0, 16), "hold for 10.0.1.");
  EXPECT_EQ(publish(), Lines{}) << "a new generation without the neighbour changes nothing";
  EXPECT_EQ(pass_time(1), Lines{"drop unresolved_neighbour"});
}

TEST_F(NeighbourStories, SoManyMayWaitAndTheNextIsNamed) {
  for (const unsigned server : kServers) forget_neighbour(address_of(kDns, server));
  publish();
  std::uint16_t port = 1;
  for (; port <= HoldQueue::kHeldMax; ++port) EXPECT_EQ(client_sends(from_client({kDns, port})).at(0).substr(0, 16), "hold for 10.0.1.");
  EXPECT_EQ(client_sends(from_client({kDns, port})), Lines{"drop hold_full"});
  EXPECT_EQ(counted(DropReason::hold_full), 1U);
  EXPECT_NE(opens({kDns6, 65}), 0U) << "whose server is known is served";
}

TEST_F(NeighbourStories, AHeldPacketWhosePortGoesDownIsNamed) {
  for (const unsigned server : kServers) forget_neighbour(address_of(kWeb, server));
  publish();
  client_sends(from_client({kWeb, 40000}));
  for (const unsigned server : kServers) learn_neighbour(address_of(kWeb, server), server_mac(server), kP1);
  world.ports[1].up = false;
  EXPECT_EQ(publish(), Lines{"drop port_down"});
}

// A kernel forgets its neighbours with the link, so most packets meet both.
TEST_F(NeighbourStories, BehindAPortWithoutALinkNothingWaits) {
  for (const unsigned server : kServers) forget_neighbour(address_of(kWeb, server));
  world.ports[1].up = false;
  publish();
  EXPECT_EQ(client_sends(from_client({kWeb, 40000})), Lines{"drop port_down"});
  EXPECT_EQ(client_sends(from_client({kWeb, 40000})), Lines{"drop port_down"}) << "known by now, and the same";
  world.ports[1].up = true;
  publish();
  EXPECT_EQ(client_sends(from_client({kWeb, 40000})).at(0).substr(0, 16), "hold for 10.0.1.");
}

}  // namespace
}  // namespace tandem::test
