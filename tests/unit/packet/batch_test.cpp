// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/batch.h"

#include <gtest/gtest.h>

#include "dataplane/packet/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/packet_text.h"

namespace tandem::test {
namespace {

constexpr PortId kP3{3};

Frame udp_frame() { return frame().eth("02:00:00:00:00:01", "02:00:00:00:00:aa").ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).payload(40); }

class BatchTest : public testing::Test {
 protected:
  ~BatchTest() override { EXPECT_EQ(buffers_in_use(), 0U); }
  Packet& added(rte_mbuf* mbuf) {
    batch.add(mbuf, kP3);
    return batch.packets().back();
  }
  Batch batch;
  WorkerCounters counters;
};

TEST_F(BatchTest, DropIsCountedByItsReasonAndFreed) {
  batch.drop(added(to_mbuf(udp_frame().bytes())), DropReason::no_service);
  batch.finish(counters);
  EXPECT_EQ(counters.dropped[static_cast<std::size_t>(DropReason::no_service)].get(), 1U);
}

TEST_F(BatchTest, TransmitsAreListedByPort) {
  rte_mbuf* mbuf = to_mbuf(udp_frame().bytes());
  batch.transmit(added(mbuf), PortId{31});
  batch.finish(counters);
  EXPECT_EQ(batch.ports(), 1U << 31);
  EXPECT_EQ(batch.transmits(PortId{31}).size(), 1U);
  EXPECT_EQ(batch.transmits(PortId{31})[0], mbuf);
  batch.clear();
  EXPECT_TRUE(batch.transmits(PortId{31}).empty());
  rte_pktmbuf_free(mbuf);
}

TEST_F(BatchTest, SecondVerdictEndsTheProgram) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Packet& packet = added(to_mbuf(udp_frame().bytes()));
  batch.drop(packet, DropReason::no_service);
  EXPECT_DEATH(batch.punt(packet, PuntClass::rest), "ensure failed");
  batch.finish(counters);
}

TEST_F(BatchTest, ForgottenPacketEndsTheProgram) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Packet& packet = added(to_mbuf(udp_frame().bytes()));
  EXPECT_DEATH(batch.finish(counters), "ensure failed");
  batch.drop(packet, DropReason::no_service);
  batch.finish(counters);
}

TEST_F(BatchTest, ChainWithItsHeadersCutIsJoined) {
  const Bytes whole = udp_frame().bytes();
  for (std::size_t first = 1; first < whole.size(); ++first) {
    batch.clear();
    Packet& packet = added(to_chain(whole, first));
    parse(packet);
    EXPECT_EQ(packet.kind, PacketKind::transport) << "first segment of " << first;
    EXPECT_EQ(bytes_of(packet.mbuf), whole);
    batch.drop(packet, DropReason::no_service);
    batch.finish(counters);
  }
}

TEST_F(BatchTest, TagThatTheDeviceTookIsPutBack) {
  const Bytes tagged = frame().eth("02:00:00:00:00:01", "02:00:00:00:00:aa").vlan(7, 2).ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes();
  rte_mbuf* mbuf = to_mbuf(frame().eth("02:00:00:00:00:01", "02:00:00:00:00:aa").ipv4("10.0.0.1", "10.0.0.2").udp(1, 2).bytes());
  mbuf->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
  mbuf->vlan_tci = 2 << 13 | 7;
  Packet& packet = added(mbuf);
  EXPECT_EQ(to_line(bytes_of(packet.mbuf)), to_line(tagged));
  batch.drop(packet, DropReason::no_service);
  batch.finish(counters);
}

TEST_F(BatchTest, HandedOverPacketArrivesAsItWasParsed) {
  for (const Frame& one :
       {udp_frame(),
        frame().eth("02:00:00:00:00:01", "02:00:00:00:00:aa").vlan(9).ipv6("fd00::1", "fd00::2").extension(60).tcp(5, 6, kTcpPsh)}) {
    batch.clear();
    Packet& sent = added(to_mbuf(one.bytes()));
    parse(sent);
    const Packet before = sent;
    batch.hand_over(sent, WorkerId{1});
    Batch other;
    other.add_handed_over(batch.handovers()[0].mbuf);
    const Packet& after = other.packets()[0];
    EXPECT_EQ(after.port, kP3);
    EXPECT_EQ(after.l3_offset, before.l3_offset);
    EXPECT_EQ(after.l4_offset, before.l4_offset);
    EXPECT_EQ(after.protocol, before.protocol);
    EXPECT_EQ(after.vlan, before.vlan);
    EXPECT_EQ(after.family, before.family);
    EXPECT_EQ(after.kind, before.kind);
    EXPECT_EQ(after.ip_bytes, before.ip_bytes);
    EXPECT_EQ(after.source_port, before.source_port);
    EXPECT_EQ(after.target_port, before.target_port);
    EXPECT_EQ(after.l4_flags, before.l4_flags);
    EXPECT_EQ(after.origin, Origin::handed_over);
    rte_pktmbuf_free(after.mbuf);
  }
}

}  // namespace
}  // namespace tandem::test
