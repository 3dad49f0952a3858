// SPDX-License-Identifier: Apache-2.0
// The reference here is written from the paper (section 2.2 to 2.4), byte by byte, with the number of rounds a parameter. It is
// itself held to the paper's vectors, which exist for SipHash-2-4, before its 1-3 form judges ours.
#include "common/net/siphash.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace tandem {
namespace {

std::uint64_t rotate(std::uint64_t value, int by) { return value << by | value >> (64 - by); }

void sip_rounds(std::uint64_t (&v)[4], int rounds) {
  for (int i = 0; i < rounds; ++i) {
    v[0] += v[1], v[1] = rotate(v[1], 13), v[1] ^= v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16), v[3] ^= v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21), v[3] ^= v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17), v[1] ^= v[2], v[2] = rotate(v[2], 32);
  }
}

std::uint64_t reference_siphash(int c, int d, const SipKey& key, const std::vector<std::uint8_t>& message) {
  std::uint64_t v[4];
  const char* constants[4] = {"somepseu", "dorandom", "lygenera", "tedbytes"};
  for (int i = 0; i < 4; ++i) {
    v[i] = i % 2 == 0 ? key.k0 : key.k1;
    for (int j = 0; j < 8; ++j) v[i] ^= std::uint64_t{static_cast<std::uint8_t>(constants[i][j])} << (56 - 8 * j);
  }
  std::vector<std::uint8_t> padded = message;
  while (padded.size() % 8 != 7) padded.push_back(0);
  padded.push_back(static_cast<std::uint8_t>(message.size()));
  for (std::size_t at = 0; at < padded.size(); at += 8) {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < 8; ++j) word |= std::uint64_t{padded[at + j]} << (8 * j);
    v[3] ^= word;
    sip_rounds(v, c);
    v[0] ^= word;
  }
  v[2] ^= 0xff;
  sip_rounds(v, d);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

constexpr SipKey kPaperKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::vector<std::uint8_t> counting(std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

TEST(SipHash, TheReferenceOfThisTestGivesThePapersVector) {
  EXPECT_EQ(reference_siphash(2, 4, kPaperKey, counting(15)), 0xa129ca6149be45e5u);  // appendix A of the paper
  EXPECT_EQ(reference_siphash(2, 4, kPaperKey, counting(0)), 0x726fdb47dd0e0e31u);   // vectors.h of its authors
}

TEST(SipHash, EveryLengthUpTo64EqualsTheReference) {
  for (std::size_t length = 0; length <= 64; ++length) {
    const auto message = counting(length);
    EXPECT_EQ(siphash13(kPaperKey, message), reference_siphash(1, 3, kPaperKey, message)) << "length " << length;
  }
}

TEST(SipHash, WholeWordsGiveTheSameAsTheirBytes) {
  std::mt19937_64 random{13};
  for (int round = 0; round < 1000; ++round) {
    const SipKey key{random(), random()};
    const std::array<std::uint64_t, 5> words{random(), random(), random(), random(), random()};
    std::vector<std::uint8_t> bytes(sizeof words);
    std::memcpy(bytes.data(), words.data(), sizeof words);
    ASSERT_EQ(siphash13_words(key, words), siphash13(key, bytes));
    ASSERT_EQ(siphash13_words(key, words), reference_siphash(1, 3, key, bytes));
  }
}

TEST(SipHash, KeysDifferByPurposeAndBySeedInBothHalves) {
  HashSeed seed{}, other{};
  other[31] = 1;  // the last byte must matter too
  const SipKey table = derive_key(seed, "table"), schedule = derive_key(seed, "schedule"), other_table = derive_key(other, "table");
  EXPECT_NE(table.k0, schedule.k0);
  EXPECT_NE(table.k1, schedule.k1);
  EXPECT_NE(table.k1, other_table.k1);
  EXPECT_EQ(table.k0, derive_key(seed, "table").k0) << "the same seed and purpose always give the same key";
}

}  // namespace
}  // namespace tandem
