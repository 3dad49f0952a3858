// SPDX-License-Identifier: Apache-2.0
// Server ids in QUIC connection ids, byte by byte as draft-ietf-quic-load-balancers-21 has them in plaintext.
#include "dataplane/lb/quic_servers.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using Id = std::vector<std::uint8_t>;

constexpr BackendSlot kA{4}, kB{9};

// Config 0b010; ids of three bytes, 31 44 1a and 31 44 1b; a nonce of four.
QuicServers servers() { return {QuicIdForm{2, 3, 4}, {{{0x31, 0x44, 0x1b}, kB}, {{0x31, 0x44, 0x1a}, kA}}}; }

TEST(QuicServers, TheServersIdStandsBehindTheFirstByte) {
  EXPECT_EQ(servers().find(Id{0x47, 0x31, 0x44, 0x1a, 0x9c, 0x69, 0xc2, 0x75}, true), kA);
  EXPECT_EQ(servers().find(Id{0x47, 0x31, 0x44, 0x1b, 0x9c, 0x69, 0xc2, 0x75}, true), kB);
}

TEST(QuicServers, TheLowerFiveBitsAreTheServersOwn) {
  for (unsigned low = 0; low < 32; ++low)
    EXPECT_EQ(servers().find(Id{static_cast<std::uint8_t>(0x40 | low), 0x31, 0x44, 0x1a, 1, 2, 3, 4}, true), kA);
}

TEST(QuicServers, AnotherConfigurationIsNotOurs) {
  for (unsigned config = 0; config < 8; ++config)
    EXPECT_EQ(servers().find(Id{static_cast<std::uint8_t>(config << 5), 0x31, 0x44, 0x1a, 1, 2, 3, 4}, true).has_value(), config == 2);
}

TEST(QuicServers, ALongHeadersIdHasTheAgreedLength) {
  EXPECT_FALSE(servers().find(Id{0x47, 0x31, 0x44, 0x1a, 1, 2, 3}, true));
  EXPECT_FALSE(servers().find(Id{0x47, 0x31, 0x44, 0x1a, 1, 2, 3, 4, 5}, true)) << "as a client's own may be";
  EXPECT_FALSE(servers().find(Id{}, true));
}

TEST(QuicServers, AShortHeaderGoesOnBehindTheId) {
  EXPECT_EQ(servers().find(Id{0x47, 0x31, 0x44, 0x1a, 1, 2, 3, 4, 5, 6, 7, 8}, false), kA);
  EXPECT_FALSE(servers().find(Id{0x47, 0x31, 0x44, 0x1a, 1, 2, 3}, false)) << "but not before its end";
}

TEST(QuicServers, AnIdOfNobodyIsNobodys) {
  EXPECT_FALSE(servers().find(Id{0x47, 0x31, 0x44, 0x1c, 1, 2, 3, 4}, true));
  EXPECT_FALSE(servers().find(Id{0x47, 0, 0, 0, 1, 2, 3, 4}, true));
}

TEST(QuicServers, TheLongestIds) {
  QuicServerId longest;
  longest.fill(0xab);
  const QuicServers one{QuicIdForm{6, 15, 4}, {{longest, kB}}};
  Id id(20, 0xab);
  id[0] = 0xdf;
  EXPECT_EQ(one.find(id, true), kB);
  id[15] = 0xac;
  EXPECT_FALSE(one.find(id, true));
}

}  // namespace
}  // namespace tandem
