// SPDX-License-Identifier: Apache-2.0
#include "common/net/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tandem {
namespace {

// RFC 1071 as it is told there: add 16-bit words, carry around, complement. One word at a time, in host order.
std::uint16_t slow_checksum(const std::vector<std::uint8_t>& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0));
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

std::vector<std::uint8_t> random_bytes(std::mt19937& random, std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

Be16 word_of(std::uint16_t host) { return Be16{host}; }

Be16 updated(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  return apply_delta(Be16{checksum}, checksum_delta(word_of(before).wire, word_of(after).wire));
}

TEST(Checksum, TheExampleOfRfc1071) {
  const std::uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(Be16::from_wire(fold(sum_bytes(bytes, sizeof bytes))).host(), 0xddf2);
}

TEST(Checksum, EveryLengthAndAlignmentEqualsTheSlowSum) {
  std::mt19937 random{1};
  for (std::size_t length = 0; length <= 129; ++length) {
    const auto bytes = random_bytes(random, length);
    std::vector<std::uint8_t> shifted(length + 1);
    std::copy(bytes.begin(), bytes.end(), shifted.begin() + 1);
    EXPECT_EQ(finish_checksum(sum_bytes(bytes.data(), length)).host(), slow_checksum(bytes)) << "length " << length;
    EXPECT_EQ(finish_checksum(sum_bytes(shifted.data() + 1, length)).host(), slow_checksum(bytes)) << "odd address, length " << length;
  }
}

// Told by the undefined-behaviour sanitizer: memcpy may not be given a null pointer, for no bytes either.
TEST(Checksum, OfNothingIsNothing) { EXPECT_EQ(sum_bytes(nullptr, 0), 0U); }

TEST(Checksum, ALargeBufferOfOnesDoesNotLoseCarries) {
  const std::vector<std::uint8_t> bytes(65536, 0xff);
  EXPECT_EQ(finish_checksum(sum_bytes(bytes.data(), bytes.size())).host(), 0x0000);
}

TEST(Checksum, FoldKeepsTheCarryOfEveryStage) {
  EXPECT_EQ(fold(0), 0);
  EXPECT_EQ(fold(0xffff), 0xffff);
  EXPECT_EQ(fold(0x10000), 1);
  EXPECT_EQ(fold(0x1ffff), 1);
  EXPECT_EQ(fold(~Sum{0}), 0xffff);
  EXPECT_EQ(fold(0xffffffff00000001), 1);
}

TEST(Checksum, ThePseudoHeaderIsSummedAsItsBytes) {
  const IpAddress client = *parse_address("198.51.100.7"), vip = *parse_address("203.0.113.10");
  EXPECT_EQ(Be16::from_wire(fold(pseudo_header_sum(client, vip, 6, 1460))).host(),
            static_cast<std::uint16_t>(~slow_checksum({198, 51, 100, 7, 203, 0, 113, 10, 0, 6, 0x05, 0xb4})));
  const IpAddress client6 = *parse_address("2001:db8::7"), vip6 = *parse_address("2001:db8:1::10");
  std::vector<std::uint8_t> bytes;
  bytes.insert(bytes.end(), client6.bytes.begin(), client6.bytes.end());
  bytes.insert(bytes.end(), vip6.bytes.begin(), vip6.bytes.end());
  for (int byte : {0, 1, 0x86, 0xa0, 0, 0, 0, 17}) bytes.push_back(static_cast<std::uint8_t>(byte));  // a jumbo length, next header 17
  EXPECT_EQ(Be16::from_wire(fold(pseudo_header_sum(client6, vip6, 17, 100'000))).host(), static_cast<std::uint16_t>(~slow_checksum(bytes)));
}

// RFC 1624 section 4: the header sums to 0xcd7a + 0x3285; the old method (RFC 1141) gives 0xffff here, which is wrong.
TEST(ChecksumUpdate, TheExampleOfRfc1624) { EXPECT_EQ(updated(0xdd2f, 0x5555, 0x3285).host(), 0x0000); }

TEST(ChecksumUpdate, NothingChangedLeavesEveryChecksumAlone) {
  for (unsigned checksum = 0; checksum <= 0xffff; ++checksum) {
    for (std::uint16_t word : std::initializer_list<std::uint16_t>{0x0000, 0x0001, 0x1234, 0x8000, 0xfffe}) {
      const auto same = static_cast<std::uint16_t>(checksum);
      // 0xffff stands for a sum of zero (RFC 1624 section 3), which only all-zero bytes have; it may come back as its equal, 0x0000.
      if (same == 0xffff) continue;
      ASSERT_EQ(updated(same, word, word).host(), same) << "word " << word;
    }
  }
}

TEST(ChecksumUpdate, ZeroAndAllOnesAreTheSameWordToTheSum) {
  EXPECT_EQ(updated(0x1234, 0x0000, 0xffff).host(), 0x1234);
  EXPECT_EQ(updated(0x1234, 0xffff, 0x0000).host(), 0x1234);
}

TEST(ChecksumUpdate, AChecksumOfZeroStaysRight) {
  // Bytes that sum to 0xffff have the checksum 0x0000. Changing a word must give what summing again gives.
  const std::vector<std::uint8_t> before{0xff, 0xfe, 0x00, 0x01}, after{0xff, 0xfe, 0x00, 0x02};
  ASSERT_EQ(slow_checksum(before), 0x0000);
  EXPECT_EQ(updated(0x0000, 0x0001, 0x0002).host(), slow_checksum(after));
  EXPECT_EQ(updated(slow_checksum(after), 0x0002, 0x0001).host(), 0x0000);
}

TEST(ChecksumUpdate, RandomRewritesEqualSummingAgain) {
  std::mt19937 random{1624};
  for (int round = 0; round < 100'000; ++round) {
    auto bytes = random_bytes(random, 40);
    if (round % 3 == 0) std::fill(bytes.begin() + 8, bytes.end(), static_cast<std::uint8_t>(round % 2 == 0 ? 0x00 : 0xff));
    bytes[39] |= 1;  // real headers are never all zero, and that alone makes 0x0000 and 0xffff differ
    const Be16 old_checksum = finish_checksum(sum_bytes(bytes.data(), 40));
    const Sum before = sum_bytes(bytes.data() + 12, 6);
    for (std::size_t i = 12; i < 18; ++i) bytes[i] = static_cast<std::uint8_t>(round % 5 == 0 ? 0xff : random());
    const std::uint16_t delta = checksum_delta(before, sum_bytes(bytes.data() + 12, 6));
    ASSERT_EQ(apply_delta(old_checksum, delta).host(), slow_checksum(bytes)) << "round " << round;
  }
}

TEST(ChecksumUpdate, TheComplementOfADeltaIsItsOpposite) {
  std::mt19937 random{7};
  for (int round = 0; round < 100'000; ++round) {
    const auto checksum = static_cast<std::uint16_t>(random() % 0xffff);  // 0xffff is the second zero
    const auto delta = checksum_delta(random(), random());
    const Be16 there = apply_delta(Be16{checksum}, delta);
    ASSERT_EQ(apply_delta(there, static_cast<std::uint16_t>(~delta)).host(), checksum) << "delta " << delta;
  }
}

}  // namespace
}  // namespace tandem
