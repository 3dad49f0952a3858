// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/aead.h"

#include <gtest/gtest.h>

#include <vector>

#include "controlplane/sync/hex.h"

namespace tandem::sync {
namespace {

std::vector<std::uint8_t> bytes(std::string_view digits) {
  std::vector<std::uint8_t> out(digits.size() / 2);
  EXPECT_TRUE(read_hex(digits, out));
  return out;
}

std::string text(Bytes from) {
  std::string out;
  append_hex(out, from);
  return out;
}

// NIST's "The Galois/Counter Mode of Operation", test case 14: a key and a nonce of zeros, one block of zeros.
TEST(Aead, SealsAsThePublishedVectorSays) {
  Aead aead{Secret{}, Aead::Way::seal};
  std::vector<std::uint8_t> out(16), tag(16);
  aead.seal(0, {}, std::vector<std::uint8_t>(16), out, std::span{tag}.first<16>());
  EXPECT_EQ(text(out), "cea7403d4d606b6e074ec5d3baf39d18");
  EXPECT_EQ(text(tag), "d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(Aead, OpensInPlaceWhatWasSealedInPlace) {
  Secret key;
  key.writable()[3] = 9;
  Aead seal{key, Aead::Way::seal}, open{key, Aead::Way::open};
  for (std::uint64_t sequence : {1ull, 2ull, 1ull << 40}) {
    std::vector<std::uint8_t> text(100, 7), tag(16);
    const std::vector<std::uint8_t> header{1, 2, 3};
    seal.seal(sequence, header, text, text, std::span{tag}.first<16>());
    EXPECT_NE(text, std::vector<std::uint8_t>(100, 7));
    EXPECT_TRUE(open.open(sequence, header, text, std::span<const std::uint8_t>{tag}.first<16>()));
    EXPECT_EQ(text, std::vector<std::uint8_t>(100, 7));
  }
}

TEST(Aead, AnotherSequenceOrHeaderIsRefusedAndLeavesNothingToRead) {
  Aead seal{Secret{}, Aead::Way::seal}, open{Secret{}, Aead::Way::open};
  std::vector<std::uint8_t> sealed(8, 7), tag(16);
  const std::vector<std::uint8_t> header{1}, other{2};
  seal.seal(5, header, sealed, sealed, std::span{tag}.first<16>());
  const auto tag_seen = std::span<const std::uint8_t>{tag}.first<16>();
  auto copy = sealed;
  EXPECT_FALSE(open.open(6, header, copy, tag_seen));
  EXPECT_EQ(copy, std::vector<std::uint8_t>(8, 0));
  copy = sealed;
  EXPECT_FALSE(open.open(5, other, copy, tag_seen));
  EXPECT_TRUE(open.open(5, header, sealed, tag_seen)) << "a refusal spoils nothing for the next";
}

// RFC 5869, A.1: 42 bytes are expanded there, of which the first 32 are one block.
TEST(Kdf, DerivesAsTheRfcSays) {
  const Secret prk = hkdf_extract(bytes("000102030405060708090a0b0c"), std::vector<std::uint8_t>(22, 0x0b));
  EXPECT_EQ(text(prk.bytes()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(text(hkdf_expand(prk, bytes("f0f1f2f3f4f5f6f7f8f9")).bytes()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}

// RFC 5869, A.3: no salt, no info.
TEST(Kdf, AnEmptySaltIsAKeyOfZeros) {
  const Secret prk = hkdf_extract({}, std::vector<std::uint8_t>(22, 0x0b));
  EXPECT_EQ(text(prk.bytes()), "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  EXPECT_EQ(text(hkdf_expand(prk, {}).bytes()), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

// RFC 4231, test case 2.
TEST(Kdf, ProvesAsTheRfcSays) {
  EXPECT_EQ(text(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?")).bytes()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace tandem::sync
