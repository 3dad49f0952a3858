// SPDX-License-Identifier: Apache-2.0
// nat, both ways, in both families: what leaves has the right addresses, and checksums that a full sum confirms.
#include <gtest/gtest.h>

#include "tests/support/packet_text.h"
#include "tests/support/test_worker.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;
constexpr PortId kP0{0}, kP1{1};

World one_backend_world() {
  World world = two_port_world();
  world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:8080"}), nat_service("[fd00::100]:80", {"[fd01::11]:8080"}),
                    nat_service("10.0.0.100:53", {"10.0.1.11:5353"}, Protocol::udp),
                    nat_service("[fd00::100]:53", {"[fd01::11]:5353"}, Protocol::udp)};
  return world;
}

Frame from_client(std::string_view source = "10.0.0.5", std::string_view target = "10.0.0.100") {
  return frame().eth(kNode0, kClient).ip(source, target);
}

Frame from_server(std::string_view source, std::string_view target) { return frame().eth(kNode1, server_mac(11)).ip(source, target); }

class NatTest : public testing::Test {
 protected:
  std::uint64_t orphans(OrphanDecision decision) const { return worker.counters().orphans[static_cast<std::size_t>(decision)].get(); }

  World world = one_backend_world();
  TestWorker worker{world};
};

TEST_F(NatTest, SynGoesToTheBackendWithItsAddressAndPort) {
  const Outcome out = worker.receive(kP0, from_client().tcp(40000, 80, kTcpSyn).payload(11));
  EXPECT_EQ(out.lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:11 | 10.0.0.5 > 10.0.1.11 ttl 63 | tcp 40000 > 8080 S | 11 bytes"}));
  EXPECT_TRUE(checksums_are_right(out.sent.at(0).frame));
  EXPECT_EQ(worker.backend(0, 0).new_connections.get(), 1U);
  EXPECT_EQ(worker.backend(0, 0).received_packets.get(), 1U);
  EXPECT_EQ(worker.backend(0, 0).received_bytes.get(), 51U) << "IP bytes, without Ethernet";
}

TEST_F(NatTest, ReplyLeavesAsTheVip) {
  worker.receive(kP0, from_client().tcp(40000, 80, kTcpSyn));
  const Outcome out = worker.receive(kP1, from_server("10.0.1.11", "10.0.0.5").tcp(8080, 40000, kTcpSyn | kTcpAck));
  EXPECT_EQ(out.lines(), (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 63 | tcp 80 > 40000 SA | 0 bytes"}));
  EXPECT_EQ(worker.backend(0, 0).transmitted_packets.get(), 1U);
  EXPECT_EQ(orphans(OrphanDecision::stateless_reply), 0U) << "by its entry, not stateless";
}

TEST_F(NatTest, Ipv6BothWays) {
  EXPECT_EQ(worker.receive(kP0, from_client("fd00::5", "fd00::100").tcp(40000, 80, kTcpSyn).payload(5)).lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:11 | fd00::5 > fd01::11 ttl 63 | tcp 40000 > 8080 S | 5 bytes"}));
  EXPECT_EQ(worker.receive(kP1, from_server("fd01::11", "fd00::5").tcp(8080, 40000, kTcpSyn | kTcpAck)).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | fd00::100 > fd00::5 ttl 63 | tcp 80 > 40000 SA | 0 bytes"}));
}

TEST_F(NatTest, UdpBothWays) {
  EXPECT_EQ(worker.receive(kP0, from_client().udp(1000, 53).payload(20)).lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:11 | 10.0.0.5 > 10.0.1.11 ttl 63 | udp 1000 > 5353 | 20 bytes"}));
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "10.0.0.5").udp(5353, 1000).payload(33)).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 63 | udp 53 > 1000 | 33 bytes"}));
}

TEST_F(NatTest, UdpWithoutChecksumStaysWithout) {
  EXPECT_EQ(worker.receive(kP0, from_client().udp_without_checksum(1000, 53).payload(20)).lines(),
            (Lines{"p1: 02:00:00:00:00:02 > 02:00:00:00:bb:11 | 10.0.0.5 > 10.0.1.11 ttl 63 | udp 1000 > 5353 nosum | 20 bytes"}));
}

// Every value of the checksum field, 0 and 0xffff among them: two payload bytes walk through all sums.
TEST_F(NatTest, EveryChecksumIsPatchedRight) {
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    const Bytes payload{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)};
    const Outcome out = worker.receive(kP0, from_client().udp(1000, 53).payload(payload));
    ASSERT_EQ(out.sent.size(), 1U) << word;
    ASSERT_TRUE(checksums_are_right(out.sent[0].frame)) << to_line(out.sent[0].frame) << " for payload word " << word;
    ASSERT_FALSE(out.sent[0].frame[40] == 0 && out.sent[0].frame[41] == 0) << "0 would say that there is no checksum; word " << word;
  }
}

TEST_F(NatTest, EveryTtlIsTakenDownRight) {
  for (unsigned ttl = 2; ttl <= 255; ++ttl) {
    const Outcome out = worker.receive(kP0, from_client().ttl(static_cast<std::uint8_t>(ttl)).udp(1000, 53));
    ASSERT_TRUE(checksums_are_right(out.sent.at(0).frame)) << ttl;
    ASSERT_EQ(out.sent[0].frame[22], ttl - 1);
  }
}

TEST_F(NatTest, ClientBehindTheGatewayIsAnsweredThere) {
  worker.receive(kP0, from_client("192.0.2.7").tcp(1, 80, kTcpSyn));
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "192.0.2.7").tcp(8080, 1, kTcpSyn | kTcpAck)).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:fe | 10.0.0.100 > 192.0.2.7 ttl 63 | tcp 80 > 1 SA | 0 bytes"}));
}

TEST_F(NatTest, ReplyWithoutEntryOfOneServiceIsTranslatedFromTheGeneration) {
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "10.0.0.5").tcp(8080, 40000, kTcpSyn | kTcpAck).payload(3)).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 63 | tcp 80 > 40000 SA | 3 bytes"}));
  EXPECT_EQ(orphans(OrphanDecision::stateless_reply), 1U);
  EXPECT_EQ(worker.table4().size(), 0U);
}

TEST_F(NatTest, ReplyInMidFlowWithoutEntryMakesOne) {
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "10.0.0.5").tcp(8080, 40000, kTcpAck).payload(3)).lines(),
            (Lines{"p0: 02:00:00:00:00:01 > 02:00:00:00:aa:05 | 10.0.0.100 > 10.0.0.5 ttl 63 | tcp 80 > 40000 A | 3 bytes"}));
  EXPECT_EQ(orphans(OrphanDecision::adopted_by_reply), 1U);
  EXPECT_EQ(worker.table4().count(ConnState::established), 1U);
}

TEST_F(NatTest, ReplyWithoutEntryOfTwoServicesIsNobodys) {
  world.services.push_back(nat_service("10.0.0.101:80", {"10.0.1.11:8080"}));
  worker.publish();
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "10.0.0.5").tcp(8080, 40000, kTcpAck)).lines(),
            (Lines{"drop reply_without_connection"}));
}

TEST_F(NatTest, AnswerToAHealthCheckGoesToTheKernel) {
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "10.0.1.1").tcp(8080, 55555, kTcpSyn | kTcpAck)).lines(),
            (Lines{"punt known p1: 02:00:00:00:bb:11 > 02:00:00:00:00:02 | 10.0.1.11 > 10.0.1.1 ttl 64 | tcp 8080 > 55555 SA | 0 bytes"}));
}

TEST_F(NatTest, AnswerToAHealthCheckWithTtlOneGoesToTheKernelAsWell) {
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "10.0.1.1").ttl(1).tcp(8080, 55555, kTcpAck)).punted.size(), 1U);
}

TEST_F(NatTest, ClientThatClaimsTheNodesAddressGetsNoEntry) {
  EXPECT_EQ(worker.receive(kP0, from_client("10.0.1.1").tcp(55555, 80, kTcpSyn)).lines(), (Lines{"drop martian_source"}));
  EXPECT_EQ(worker.table4().size(), 0U) << "an entry would take the replies of health checks";
}

TEST_F(NatTest, OtherPortOfABackendIsTheNodesBusiness) {
  EXPECT_EQ(worker.receive(kP1, from_server("10.0.1.11", "10.0.0.5").tcp(22, 40000, kTcpAck)).lines(),
            (Lines{"punt known p1: 02:00:00:00:bb:11 > 02:00:00:00:00:02 | 10.0.1.11 > 10.0.0.5 ttl 64 | tcp 22 > 40000 A | 0 bytes"}));
}

TEST_F(NatTest, RouteChangeSendsRepliesTheNewWay) {
  worker.receive(kP0, from_client().tcp(40000, 80, kTcpSyn));
  const Frame reply = from_server("10.0.1.11", "10.0.0.5").tcp(8080, 40000, kTcpAck);
  worker.receive(kP1, reply);
  world.neighbours[1].mac = mac("02:00:00:00:aa:99");
  worker.publish();
  EXPECT_EQ(to_line(worker.receive(kP1, reply).sent.at(0).frame).substr(0, 37), "02:00:00:00:00:01 > 02:00:00:00:aa:99");
  world.routes.insert(world.routes.begin(), {parse_prefix("10.0.0.5/32").value(), address("10.0.0.254"), kP0, 0});
  ++world.route_version;
  worker.publish();
  EXPECT_EQ(to_line(worker.receive(kP1, reply).sent.at(0).frame).substr(0, 37), "02:00:00:00:00:01 > 02:00:00:00:aa:fe");
}

}  // namespace
}  // namespace tandem::test
