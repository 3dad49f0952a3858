// SPDX-License-Identifier: Apache-2.0
// Whom a QUIC packet is for, whatever its version (RFC 8999).
#include "dataplane/packet/quic.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/packet/parse.h"
#include "tests/support/guarded.h"
#include "tests/support/packet_builder.h"

namespace tandem::test {
namespace {

std::optional<QuicId> read(const Bytes& payload) { return read_quic_id(payload); }
Bytes bytes_of(const QuicId& id) { return {id.bytes.begin(), id.bytes.end()}; }

TEST(QuicIds, ALongHeaderSaysItsLength) {
  const Bytes payload{0xc3, 0, 0, 0, 1, 8, 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08, 0, 0, 0x44, 0x9e};
  const auto id = read(payload);
  ASSERT_TRUE(id);
  EXPECT_TRUE(id->whole);
  EXPECT_EQ(bytes_of(*id), (Bytes{0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08})) << "RFC 9001 A.2's client";
}

TEST(QuicIds, AnyVersionAndAnEmptyIdToo) {
  const auto id = read({0x80, 0x0a, 0x1a, 0x2a, 0x3a, 0, 0});
  ASSERT_TRUE(id);
  EXPECT_TRUE(id->whole);
  EXPECT_TRUE(id->bytes.empty());
}

TEST(QuicIds, AShortHeaderHasItBehindTheFirstByte) {
  Bytes payload(60, 7);
  payload[0] = 0x4c, payload[1] = 1, payload[20] = 20, payload[21] = 21;
  const auto id = read(payload);
  ASSERT_TRUE(id);
  EXPECT_FALSE(id->whole);
  EXPECT_EQ(id->bytes.size(), kQuicIdMost);
  EXPECT_EQ(id->bytes.front(), 1);
  EXPECT_EQ(id->bytes.back(), 20);
}

TEST(QuicIds, WhatIsCutOffIsNone) {
  EXPECT_FALSE(read({}));
  EXPECT_FALSE(read({0xc3}));
  EXPECT_FALSE(read({0xc3, 0, 0, 0, 1}));
  EXPECT_FALSE(read({0xc3, 0, 0, 0, 1, 4, 1, 2, 3}));
  EXPECT_FALSE(read({0xc3, 0, 0, 0, 1, 255, 1, 2, 3}));
  EXPECT_TRUE(read({0x43})->bytes.empty());
}

TEST(QuicIds, APayloadIsAsLongAsUdpSaysAndAsMayBeRead) {
  const auto payload_of = [](const Bytes& frame) {
    Guarded guarded{frame};
    Packet packet{};
    packet.frame = guarded.data();
    packet.frame_bytes = packet.readable_bytes = static_cast<std::uint32_t>(frame.size());
    parse(packet);
    const auto payload = udp_payload(packet);
    return Bytes{payload.begin(), payload.end()};
  };
  const Frame base = frame().eth("02:00:00:00:00:01", "02:00:00:00:00:aa").ipv4("10.0.0.5", "10.0.0.100").udp(40000, 443);
  EXPECT_EQ(payload_of(Frame{base}.payload(Bytes{1, 2, 3}).pad_to(60).bytes()), (Bytes{1, 2, 3})) << "not the padding";
  EXPECT_EQ(payload_of(base.bytes()), Bytes{});
}

}  // namespace
}  // namespace tandem::test
