// SPDX-License-Identifier: Apache-2.0
// Two workers: each connection has one owner, whoever receives its packets, and a packet is handed over at most once.
#include <gtest/gtest.h>

#include "tests/support/packet_text.h"
#include "tests/support/test_worker.h"

namespace tandem::test {
namespace {

constexpr PortId kP0{0}, kP1{1};

class OwnerTest : public testing::Test {
 protected:
  static World two_worker_world() {
    World made = two_port_world();
    made.workers = 2;
    made.services = {nat_service("10.0.0.100:80", {"10.0.1.11:80"}), dsr_service("10.0.0.101:80", {"10.0.1.12:80"}),
                     nat_service("[fd00::100]:80", {"[fd01::11]:80"})};
    return made;
  }
  static Frame syn(std::uint16_t port, std::string_view vip = "10.0.0.100") {
    return frame().eth(kNode0, kClient).ipv4("10.0.0.5", vip).tcp(port, 80, kTcpSyn);
  }

  World world = two_worker_world();
  TestWorker first{world, WorkerId{0}}, second{world, WorkerId{1}};
};

TEST_F(OwnerTest, HalfOfTheConnectionsAreTheOthers) {
  unsigned own = 0;
  for (std::uint16_t port = 1; port <= 400; ++port) {
    Outcome out = first.receive(kP0, syn(port));
    ASSERT_EQ(out.sent.size() + out.handed_over.size(), 1U);
    own += static_cast<unsigned>(out.sent.size());
    for (const Handover& handover : out.handed_over) EXPECT_EQ(handover.owner, WorkerId{1});
    out.release();
  }
  EXPECT_NEAR(own, 200, 60);
}

TEST_F(OwnerTest, BothDirectionsHaveOneOwner) {
  for (std::uint16_t port = 1; port <= 100; ++port) {
    Outcome out = first.receive(kP0, syn(port));
    Outcome back = first.receive(kP1, frame().eth(kNode1, server_mac(11)).ipv4("10.0.1.11", "10.0.0.5").tcp(80, port, kTcpSyn | kTcpAck));
    EXPECT_EQ(out.handed_over.size(), back.handed_over.size()) << port;
    out.release();
    back.release();
  }
}

TEST_F(OwnerTest, HandedOverPacketIsForwardedAsIfItHadArrivedThere) {
  unsigned handed = 0;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    const Outcome out = first.receive(kP0, syn(port));
    if (out.handed_over.empty()) continue;
    ++handed;
    const Outcome there = second.receive_handed_over(out.handed_over[0]);
    ASSERT_EQ(there.sent.size(), 1U);
    EXPECT_EQ(to_line(there.sent[0].frame),
              "02:00:00:00:00:02 > 02:00:00:00:bb:11 | 10.0.0.5 > 10.0.1.11 ttl 63 | tcp " + std::to_string(port) + " > 80 S | 0 bytes");
  }
  EXPECT_EQ(second.table4().size(), handed);
  EXPECT_EQ(first.table4().size() + handed, 100U);
}

TEST_F(OwnerTest, Ipv6IsHandedOverAlike) {
  unsigned handed = 0;
  for (std::uint16_t port = 1; port <= 50; ++port) {
    const Outcome out = first.receive(kP0, frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::100").extension(60).tcp(port, 80, kTcpSyn));
    if (out.handed_over.empty()) continue;
    ++handed;
    EXPECT_TRUE(checksums_are_right(second.receive_handed_over(out.handed_over[0]).sent.at(0).frame));
  }
  EXPECT_GT(handed, 5U);
  EXPECT_EQ(second.table6().size(), handed);
}

// The two see different generations for a moment: whoever gets the packet keeps it.
TEST_F(OwnerTest, NobodyHandsOverTwice) {
  for (std::uint16_t port = 1; port <= 50; ++port) {
    Outcome out = first.receive(kP0, syn(port));
    if (out.handed_over.empty()) continue;
    EXPECT_EQ(first.receive_handed_over(out.handed_over[0]).sent.size(), 1U) << "to a worker that is not the owner";
  }
}

TEST_F(OwnerTest, OneWayVipBelongsToWhoReceivedIt) {
  first.receiver_owns_one_way(kP0);
  for (std::uint16_t port = 1; port <= 50; ++port) EXPECT_EQ(first.receive(kP0, syn(port, "10.0.0.101")).sent.size(), 1U);
  EXPECT_EQ(first.table4().size(), 50U);
}

TEST_F(OwnerTest, OneWayVipOnAPortWithFewerQueuesIsSpreadByHash) {
  unsigned handed = 0;
  for (std::uint16_t port = 1; port <= 50; ++port) {
    Outcome out = first.receive(kP0, syn(port, "10.0.0.101"));
    handed += static_cast<unsigned>(out.handed_over.size());
    out.release();
  }
  EXPECT_GT(handed, 10U);
}

}  // namespace
}  // namespace tandem::test
