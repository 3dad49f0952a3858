// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "dataplane/conn/table_hash.h"

namespace tandem {
namespace {

constexpr SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};

ClientEnd4 end4(std::uint32_t i) {
  return {Ipv4Address{Be32{0x0a000000 + i / 7}}, Be16{static_cast<std::uint16_t>(i * 13)}, Protocol::tcp};
}
ClientEnd6 end6(std::uint32_t i) {
  ClientEnd6 end{{}, Be16{static_cast<std::uint16_t>(i * 13)}, Protocol::udp};
  end.address.bytes[0] = 0xfd;
  end.address.bytes[15] = static_cast<std::uint8_t>(i / 7);
  end.address.bytes[6] = static_cast<std::uint8_t>(i >> 9);
  return end;
}

std::vector<TableHasher::Kind> kinds() {
  std::vector<TableHasher::Kind> all{TableHasher::Kind::siphash};
  if (TableHasher::has_aes()) all.push_back(TableHasher::Kind::aes);
  return all;
}

TEST(TableHash, SipHashIsThatOfTheBytesOnTheWire) {
  const ClientEnd4 end{Ipv4Address{Be32{0x01020304}}, Be16{0x1234}, Protocol::tcp};
  const std::array<std::uint8_t, 8> bytes{1, 2, 3, 4, 0x12, 0x34, 6, 0};
  EXPECT_EQ(sip_table_hash(kKey, end), siphash13(kKey, bytes));
}

template <typename End, typename Make>
void expect_batch_equals_one_by_one(Make make) {
  for (const TableHasher::Kind kind : kinds()) {
    const TableHasher hasher{kKey, kind};
    for (std::size_t count = 0; count <= 67; ++count) {  // all remainders of four lanes
      std::vector<End> ends;
      for (std::size_t i = 0; i < count; ++i) ends.push_back(make(static_cast<std::uint32_t>(i * 911 + count)));
      std::vector<std::uint64_t> hashes(count);
      hasher.batch(ends, hashes);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(hashes[i], hasher(ends[i])) << "of " << count << ", at " << i;
        if (kind == TableHasher::Kind::siphash) {
          ASSERT_EQ(hashes[i], sip_table_hash(kKey, ends[i]));
        }
      }
    }
  }
}
TEST(TableHash, ABatchEqualsOneByOneForIpv4) { expect_batch_equals_one_by_one<ClientEnd4>(end4); }
TEST(TableHash, ABatchEqualsOneByOneForIpv6) { expect_batch_equals_one_by_one<ClientEnd6>(end6); }

// One round of AES (FIPS 197, 5.1) on 16 bytes in column order, from its definition.
using Block = std::array<std::uint8_t, 16>;

std::uint8_t times(std::uint8_t a, std::uint8_t b) {  // in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1
  std::uint8_t product = 0;
  for (; b != 0; b >>= 1) {
    if ((b & 1) != 0) product ^= a;
    a = static_cast<std::uint8_t>(a << 1 ^ ((a & 0x80) != 0 ? 0x1b : 0));
  }
  return product;
}

std::uint8_t substitute(std::uint8_t x) {
  std::uint8_t inverse = 0;
  for (int y = 1; y < 256 && inverse == 0; ++y) {
    if (times(x, static_cast<std::uint8_t>(y)) == 1) inverse = static_cast<std::uint8_t>(y);
  }
  std::uint8_t out = 0x63;
  for (int turn = 0; turn < 5; ++turn) out ^= std::rotl(inverse, turn);
  return out;
}

Block aes_round(const Block& in, const Block& key) {
  Block out;
  for (std::size_t column = 0; column < 4; ++column) {
    std::array<std::uint8_t, 4> s;
    for (std::size_t row = 0; row < 4; ++row) s[row] = substitute(in[(column + row) % 4 * 4 + row]);
    for (std::size_t row = 0; row < 4; ++row) {
      out[column * 4 + row] = static_cast<std::uint8_t>(times(s[row], 2) ^ times(s[(row + 1) % 4], 3) ^ s[(row + 2) % 4] ^
                                                        s[(row + 3) % 4] ^ key[column * 4 + row]);
    }
  }
  return out;
}

Block round_key(const SipKey& key, std::uint64_t round) {
  return std::bit_cast<Block>(std::array{siphash13_words<2>(key, {round, 0}), siphash13_words<2>(key, {round, 1})});
}

Block mixed(Block a, const Block& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] ^= b[i];
  return a;
}

Block rounds(Block state, const SipKey& key, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t round = first; round <= last; ++round) state = aes_round(state, round_key(key, round));
  return state;
}

TEST(TableHash, AesIsFourRoundsOfFips197) {
  if (!TableHasher::has_aes()) GTEST_SKIP() << "no AES instructions";
  const TableHasher hasher{kKey, TableHasher::Kind::aes};
  for (std::uint32_t i = 0; i < 20; ++i) {
    const Block block = std::bit_cast<Block>(std::array{std::bit_cast<std::uint64_t>(end4(i)), std::uint64_t{0}});
    const Block hash = rounds(mixed(block, round_key(kKey, 0)), kKey, 1, 4);
    EXPECT_EQ(hasher(end4(i)), (std::bit_cast<std::array<std::uint64_t, 2>>(hash)[0])) << i;
  }
}

TEST(TableHash, ForIpv6TheAddressGoesThroughTwoRoundsMore) {
  if (!TableHasher::has_aes()) GTEST_SKIP() << "no AES instructions";
  const TableHasher hasher{kKey, TableHasher::Kind::aes};
  for (std::uint32_t i = 0; i < 20; ++i) {
    const ClientEnd6 end = end6(i);
    Block port{};
    std::memcpy(port.data(), &end.port, 4);
    const Block address = rounds(mixed(end.address.bytes, round_key(kKey, 0)), kKey, 5, 6);
    const Block hash = rounds(mixed(address, port), kKey, 1, 4);
    EXPECT_EQ(hasher(end), (std::bit_cast<std::array<std::uint64_t, 2>>(hash)[0])) << i;
  }
}

template <typename End, typename Make>
void expect_one_bit_changes_half(Make make) {
  for (const TableHasher::Kind kind : kinds()) {
    const TableHasher hasher{kKey, kind};
    constexpr std::size_t kBits = (sizeof(End) - 2) * 8;  // address and port
    for (std::size_t bit = 0; bit < kBits; ++bit) {
      double changed = 0;
      std::array<int, 64> per_bit{};
      constexpr int kTries = 400;
      for (std::uint32_t i = 0; i < kTries; ++i) {
        End end = make(i), other = end;
        reinterpret_cast<std::uint8_t*>(&other)[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
        const std::uint64_t difference = hasher(end) ^ hasher(other);
        changed += std::popcount(difference);
        for (std::size_t out = 0; out < 64; ++out) per_bit[out] += static_cast<int>(difference >> out & 1);
      }
      EXPECT_NEAR(changed / kTries, 32.0, 1.5) << "input bit " << bit;
      for (std::size_t out = 0; out < 64; ++out) EXPECT_NEAR(per_bit[out], kTries / 2, 70) << "input bit " << bit << ", output bit " << out;
    }
  }
}
TEST(TableHash, OneBitOfAnIpv4ClientChangesEachBitOfTheHashHalfTheTime) { expect_one_bit_changes_half<ClientEnd4>(end4); }
TEST(TableHash, OneBitOfAnIpv6ClientChangesEachBitOfTheHashHalfTheTime) { expect_one_bit_changes_half<ClientEnd6>(end6); }

// One client that counts its ports up, as kernels do, fills groups and owners as evenly as chance would.
TEST(TableHash, NeighbouringClientsAreSpreadLikeChance) {
  for (const TableHasher::Kind kind : kinds()) {
    const TableHasher hasher{kKey, kind};
    constexpr int kBins = 256, kMany = 65536;
    std::array<int, kBins> by_owner{}, by_group{}, by_tag{};
    for (int i = 0; i < kMany; ++i) {
      const std::uint64_t hash = hasher(ClientEnd4{Ipv4Address{Be32{0x0a000001}}, Be16{static_cast<std::uint16_t>(i)}, Protocol::tcp});
      ++by_owner[hash >> 56], ++by_group[hash >> 24 & 0xff], ++by_tag[hash & 0xff];
    }
    for (const auto& bins : {by_owner, by_group, by_tag}) {
      double chi = 0;
      for (const int bin : bins) chi += std::pow(bin - kMany / kBins, 2) / (kMany / kBins);
      EXPECT_LT(chi, 255 + 6 * std::sqrt(2 * 255.0));  // six standard deviations
      EXPECT_GT(chi, 255 - 6 * std::sqrt(2 * 255.0));
    }
  }
}

TEST(TableHash, AnotherKeyIsAnotherHash) {
  for (const TableHasher::Kind kind : kinds()) {
    std::set<std::uint64_t> hashes;
    for (std::uint64_t k = 0; k < 1000; ++k) hashes.insert(TableHasher{SipKey{k, 0}, kind}(end4(1)));
    EXPECT_EQ(hashes.size(), 1000u);
  }
}

}  // namespace
}  // namespace tandem
