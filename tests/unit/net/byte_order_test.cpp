// SPDX-License-Identifier: Apache-2.0
#include "common/net/byte_order.h"

#include <gtest/gtest.h>

#include <cstring>

#include "common/net/headers.h"

namespace tandem {
namespace {

TEST(ByteOrder, TheMostSignificantByteComesFirstInMemory) {
  const Be16 port{0x1234};
  const Be32 address{0x0a000001};
  EXPECT_EQ(std::memcmp(&port, "\x12\x34", 2), 0);
  const Be64 sequence{0x0102030405060708};
  EXPECT_EQ(std::memcmp(&address, "\x0a\x00\x00\x01", 4), 0);
  EXPECT_EQ(std::memcmp(&sequence, "\x01\x02\x03\x04\x05\x06\x07\x08", 8), 0);
}

TEST(ByteOrder, HostGivesBackWhatWentIn) {
  EXPECT_EQ(Be16{65535}.host(), 65535);
  EXPECT_EQ(Be16{80}.host(), 80);
  EXPECT_EQ(Be32{0xdeadbeef}.host(), 0xdeadbeef);
  EXPECT_EQ(Be64{0x0123456789abcdef}.host(), 0x0123456789abcdef);
}

TEST(ByteOrder, RawWireBytesAreKeptAsTheyAre) {
  const std::uint8_t bytes[] = {0x01, 0xbb};
  std::uint16_t raw;
  std::memcpy(&raw, bytes, 2);
  EXPECT_EQ(Be16::from_wire(raw).host(), 443);
  EXPECT_EQ(Be16::from_wire(raw), Be16{443});
}

TEST(Headers, FieldsAreReadFromTheirBits) {
  const VlanTag tag{Be16{0xa064}, kEtherIpv4};
  EXPECT_EQ(tag.id(), 100) << "priority and DEI are not part of the VLAN's number";
  Ipv4Header ip{};
  ip.version_words = 0x46;
  ip.fragment = Be16{0x2001};
  EXPECT_EQ(ip.version(), 4);
  EXPECT_EQ(ip.header_bytes(), 24);
  EXPECT_TRUE(ip.more_fragments());
  EXPECT_FALSE(ip.dont_fragment());
  EXPECT_EQ(ip.fragment_offset_bytes(), 8);
}

}  // namespace
}  // namespace tandem
