// SPDX-License-Identifier: Apache-2.0
// The fields of the errors that we make, byte by byte.
#include "dataplane/local/icmp_error.h"

#include <gtest/gtest.h>

#include "tests/support/buffers.h"
#include "tests/support/packet_text.h"
#include "tests/support/test_worker.h"

namespace tandem::test {
namespace {

constexpr PortId kP0{0};

class OwnErrorTest : public testing::Test {
 protected:
  OwnErrorTest() {
    world.services = {nat_service("10.0.0.100:80", {"10.0.1.11:8080"}), nat_service("[fd00::100]:80", {"[fd01::11]:8080"})};
    world.ports[1].mtu_bytes = 1400;
    worker.publish();
  }
  static Frame to_vip() { return frame().eth(kNode0, kClient).ipv4("10.0.0.5", "10.0.0.100").tcp(1, 80, kTcpSyn); }
  static Frame to_vip6() { return frame().eth(kNode0, kClient).ipv6("fd00::5", "fd00::100").tcp(1, 80, kTcpSyn); }

  // The error alone; what it is about is counted as dropped.
  Bytes error_about(const Frame& frame) {
    const Outcome out = worker.receive(kP0, frame);
    EXPECT_EQ(out.originated, 1U);
    EXPECT_EQ(out.dropped.size(), 1U);
    return out.sent.size() == 1 ? out.sent[0].frame : Bytes(2000);
  }
  static Bytes part(const Bytes& of, std::size_t at, std::size_t bytes) {
    return Bytes(of.begin() + static_cast<std::ptrdiff_t>(at), of.begin() + static_cast<std::ptrdiff_t>(at + bytes));
  }

  World world = two_port_world();
  TestWorker worker{world};
};

TEST_F(OwnErrorTest, FragmentationNeededSaysWhatFits) {
  const Frame longer = to_vip().payload(1460);
  const Bytes error = error_about(longer);
  EXPECT_EQ(error.size(), 14U + 576) << "RFC 1812 4.3.2.3";
  EXPECT_EQ(error[14], 0x45);
  EXPECT_EQ(error[15], 0xc0) << "precedence internetwork control";
  EXPECT_EQ(part(error, 18, 5), (Bytes{0, 0, 0x40, 0, 64})) << "no id, not to be fragmented, hops";
  EXPECT_EQ(part(error, 34, 2), (Bytes{3, 4}));
  EXPECT_EQ(part(error, 38, 4), (Bytes{0, 0, 1400 >> 8, 1400 & 0xff})) << "RFC 1191 4";
  EXPECT_EQ(part(error, 42, 548), part(longer.bytes(), 14, 548)) << "the packet as it came, not as it would have left";
  EXPECT_TRUE(checksums_are_right(error));
}

TEST_F(OwnErrorTest, PacketTooBigSaysWhatFits) {
  const Frame longer = to_vip6().payload(1440);
  const Bytes error = error_about(longer);
  EXPECT_EQ(error.size(), 14U + 1280) << "RFC 4443 2.4 c";
  EXPECT_EQ(part(error, 54, 2), (Bytes{2, 0}));
  EXPECT_EQ(part(error, 58, 4), (Bytes{0, 0, 1400 >> 8, 1400 & 0xff}));
  EXPECT_EQ(part(error, 62, 1232), part(longer.bytes(), 14, 1232));
  EXPECT_TRUE(checksums_are_right(error));
}

TEST_F(OwnErrorTest, TimeExceededQuotesAllOfAShortPacketButNotItsPadding) {
  const Bytes error = error_about(to_vip().ttl(1).pad_to(60)), error6 = error_about(to_vip6().ttl(1));
  EXPECT_EQ(error.size(), 14U + 28 + 40);
  EXPECT_EQ(part(error, 34, 2), (Bytes{11, 0}));
  EXPECT_EQ(part(error, 38, 4), Bytes(4, 0));
  EXPECT_EQ(error6.size(), 14U + 48 + 60);
  EXPECT_EQ(part(error6, 54, 2), (Bytes{3, 0}));
}

// A method that puts something around a packet says so by a smaller MTU.
TEST_F(OwnErrorTest, WhatFitsIsTheCallersToSay) {
  rte_mbuf* mbuf = to_mbuf(to_vip().payload(1360).bytes());
  Packet packet{};
  packet.mbuf = mbuf;
  packet.frame = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
  packet.frame_bytes = packet.readable_bytes = mbuf->pkt_len;
  packet.family = Family::ipv4, packet.l3_offset = 14, packet.ip_bytes = 1400;
  ASSERT_TRUE(become_error(packet, OwnError::too_big, 1380, address("10.0.0.100"), mac(kNode0)));
  const Bytes error = take(mbuf);
  EXPECT_EQ(part(error, 40, 2), (Bytes{1380 >> 8, 1380 & 0xff}));
  EXPECT_TRUE(checksums_are_right(error));
}

}  // namespace
}  // namespace tandem::test
