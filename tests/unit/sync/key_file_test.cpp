// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "controlplane/sync/key_text.h"
#include "tests/unit/sync/two_nodes.h"

namespace tandem::sync {
namespace {

class KeyFile : public ::testing::Test {
 protected:
  KeyFile() {
    char folder[] = "/tmp/tandem-keys-XXXXXX";
    folder_ = ::mkdtemp(folder);
    path = folder_ + "/pair.key";
  }
  ~KeyFile() override { std::filesystem::remove_all(folder_); }
  std::string refusal() const {
    const Result<PairKeys> loaded = load_keys(path);
    return loaded ? "" : loaded.error().message;
  }

  std::string folder_, path;
};

mode_t mode_of(const std::string& path) {
  struct stat about {};
  EXPECT_EQ(::stat(path.c_str(), &about), 0);
  return about.st_mode & 0777;
}

std::string refusal_of(std::string_view text) {
  const Result<PairKeys> parsed = parse_keys(text);
  return parsed ? "" : parsed.error().message;
}

constexpr std::string_view kSixtyFour = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

std::string file_with(std::string_view id, std::string_view send) {
  return "cluster = \"0123456789abcdef\"\nhash_seed = \"" + std::string{kSixtyFour} + "\"\nsend = \"" + std::string{send} + "\"\nkey." +
         std::string{id} + " = \"" + std::string{kSixtyFour} + "\" # the first\n";
}

TEST_F(KeyFile, IsReadAsItWasWrittenForItsOwnerAlone) {
  const PairKeys keys = make_keys(kernel_chance());
  ASSERT_TRUE(write_new_keys(path, keys));
  EXPECT_EQ(mode_of(path), 0600u);
  const PairKeys read = load_keys(path).value();
  EXPECT_EQ(read.cluster, keys.cluster);
  EXPECT_EQ(read.hash_seed(), keys.hash_seed());
  EXPECT_EQ(read.send, keys.send);
  ASSERT_EQ(read.keys.size(), 1u);
  EXPECT_TRUE(read.keys[0].secret == keys.keys[0].secret);
  EXPECT_EQ(read.keys[0].fingerprint, keys.keys[0].fingerprint);
}

TEST_F(KeyFile, IsNeverOverwritten) {
  ASSERT_TRUE(write_new_keys(path, make_keys(kernel_chance())));
  const Result<> again = write_new_keys(path, make_keys(kernel_chance()));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, path + ": there is a file already; a pair's secret is not overwritten");
}

TEST_F(KeyFile, OthersMayNotTouchIt) {
  ASSERT_TRUE(write_new_keys(path, make_keys(kernel_chance())));
  for (const mode_t mode : {0600u, 0640u, 0400u, 0440u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(refusal(), "") << std::oct << mode;
  }
  for (const mode_t mode : {0604u, 0644u, 0660u, 0602u, 0700u, 0650u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_NE(refusal().find("expected mode 0600 or 0640 (chmod 600 " + path + ")"), std::string::npos) << std::oct << mode;
  }
}

TEST_F(KeyFile, WhatIsNoFileOrTooLargeIsRefused) {
  EXPECT_NE(refusal().find("No such file"), std::string::npos);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("not a regular file"), std::string::npos) << "and nobody waits for it";
  std::filesystem::remove(path);
  std::ofstream{path} << std::string(5000, '#');
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("larger than 4096 bytes"), std::string::npos);
}

TEST_F(KeyFile, ARotationKeepsModeAndSeed) {
  PairKeys keys = make_keys(kernel_chance());
  const HashSeed seed = keys.hash_seed();
  const KeyId first = keys.send;
  ASSERT_TRUE(write_new_keys(path, keys));
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  ASSERT_TRUE(add_key(keys, kernel_chance()) && replace_keys(path, keys));
  EXPECT_EQ(mode_of(path), 0640u);
  PairKeys two = load_keys(path).value();
  EXPECT_EQ(two.send, first) << "the old key sends until it is retired";
  EXPECT_EQ(two.keys.size(), 2u);
  ASSERT_TRUE(retire_key(two, two.send) && replace_keys(path, two));
  const PairKeys one = load_keys(path).value();
  EXPECT_NE(one.send, first);
  EXPECT_EQ(one.keys.size(), 1u);
  EXPECT_EQ(one.hash_seed(), seed) << "or every flow would move";
}

TEST(Keys, ThereAreOneOrTwo) {
  PairKeys keys = make_keys(seeded(1));
  EXPECT_EQ(retire_key(keys, keys.send).error().message, "key " + to_string(keys.send) + " is the only one; add another first");
  ASSERT_TRUE(add_key(keys, seeded(2)));
  EXPECT_EQ(add_key(keys, seeded(3)).error().message, "there are two keys already; retire one first");
  EXPECT_FALSE(retire_key(keys, KeyId{0}));
  const KeyId second = keys.keys[1].id;
  ASSERT_TRUE(retire_key(keys, second));
  EXPECT_NE(keys.send, second);
}

TEST(Keys, AFingerprintIsTheBeginningOfTheSha256) {
  PairKey key{KeyId{0x3f2a}, {}};
  EXPECT_EQ(to_string(key.fingerprint), "6668") << "sha256sum of 32 zero bytes: 66687aad…";
  EXPECT_EQ(to_string(key.id), "3f2a");
}

TEST(KeyText, EachMistakeIsNamedWithItsLine) {
  EXPECT_EQ(refusal_of(file_with("3f2a", "3f2a")), "");
  EXPECT_EQ(refusal_of(""), "cluster is missing");
  EXPECT_EQ(refusal_of("# nothing\n\ncluster = \"12\"\n"), "line 3: cluster: expected 16 hex digits");
  EXPECT_EQ(refusal_of("cluster\n"), "line 1: expected NAME = \"HEX DIGITS\"");
  EXPECT_EQ(refusal_of("cluster = 0123456789abcdef\n"), "line 1: expected NAME = \"HEX DIGITS\"");
  EXPECT_EQ(refusal_of(file_with("3f2a", "91cc")), "send: there is no key 91cc");
  EXPECT_EQ(refusal_of(file_with("3f2", "3f2a")), "line 4: a key is named key. and four hex digits, not 0000");
  EXPECT_EQ(refusal_of(file_with("3f2a", "3f2a") + "send = \"3f2a\"\n"), "line 5: send is there twice");
  EXPECT_EQ(refusal_of(file_with("3f2a", "3f2a") + "key.3F2A = \"" + std::string{kSixtyFour} + "\"\n"), "line 5: key.3f2a is there twice");
  const std::string two = file_with("3f2a", "3f2a") + "key.0001 = \"" + std::string{kSixtyFour} + "\"\n";
  EXPECT_EQ(refusal_of(two), "");
  EXPECT_EQ(refusal_of(two + "key.0002 = \"" + std::string{kSixtyFour} + "\"\n"), "line 6: there are more than two keys; retire one");
}

TEST(KeyText, NoMessageQuotesTheFile) {
  const std::string secret{kSixtyFour};
  for (const std::string& text : {secret, secret + " = \"1\"", "key." + secret + " = \"" + secret + "\"", "key.3f2a = \"" + secret + "0\"",
                                  "hash_seed = \"x" + secret + "\"", "send = \"" + secret + "\"", file_with("3f2a", "3f2a") + secret}) {
    const std::string said = refusal_of(text);
    EXPECT_NE(said, "") << text;
    EXPECT_EQ(said.find("00112233"), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace tandem::sync
