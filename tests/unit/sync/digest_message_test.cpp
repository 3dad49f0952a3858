// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/digest_message.h"

#include <gtest/gtest.h>

#include <random>

namespace tandem::sync {
namespace {

using About = DigestQuestion::About;

TEST(DigestMessage, AQuestionIsReadAsItWasWritten) {
  for (const About about : {About::pages, About::buckets, About::mend}) {
    const DigestQuestion question{about, {0, 1, 257}};
    EXPECT_EQ(decode_question(encode(question)), question);
  }
}

TEST(DigestMessage, AnAnswerIsReadAsItWasWrittenAndFitsADatagram) {
  DigestPage page{257, 5, {}};
  for (std::size_t i = 0; i < kPageSums; ++i) page.sums[i] = i << 60 | i;
  const auto read = decode_answer(encode(page));
  ASSERT_TRUE(read && read->page);
  EXPECT_EQ(*read->page, page);
  EXPECT_LE(encode(page).size(), 1408U);

  DigestBuckets buckets{3, {}};
  for (std::uint16_t i = 0; i < DigestBuckets::kAtMost; ++i) buckets.sums.push_back({i, std::uint64_t{i} << 50});
  const auto again = decode_answer(encode(buckets));
  ASSERT_TRUE(again && again->buckets);
  EXPECT_EQ(*again->buckets, buckets);
  EXPECT_LE(encode(buckets).size(), 1408U);
  EXPECT_LE(encode(DigestQuestion{About::mend, std::vector<std::uint16_t>(DigestQuestion::kAtMost)}).size(), 1408U);
}

TEST(DigestMessage, ANumberOutOfItsRangeIsNoMessage) {
  EXPECT_FALSE(decode_question(encode(DigestQuestion{About::pages, {kPages}})));
  EXPECT_FALSE(decode_question(encode(DigestQuestion{About::buckets, {kFlowBuckets}})));
  EXPECT_FALSE(decode_answer(encode(DigestPage{kPages, 0, {}})));
  EXPECT_FALSE(decode_answer(encode(DigestBuckets{0, {{kFlowBuckets, 1}}})));
}

TEST(DigestMessage, AnythingShorterThanItSaysIsNoMessage) {
  for (std::vector<std::uint8_t> bytes :
       {encode(DigestQuestion{About::mend, {7, 8}}), encode(DigestPage{}), encode(DigestBuckets{1, {{2, 3}}})}) {
    bytes.pop_back();
    EXPECT_FALSE(decode_question(bytes) && decode_answer(bytes)) << bytes.size();
  }
}

TEST(DigestMessage, AnyBytesAreReadWithoutHarm) {
  std::mt19937_64 random{5};
  std::size_t understood = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint8_t> bytes(random() % 1200);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 3);
    if (const auto question = decode_question(bytes)) {
      ++understood;
      EXPECT_LE(question->numbers.size(), DigestQuestion::kAtMost);
    }
    if (const auto answer = decode_answer(bytes)) {
      ++understood;
      EXPECT_NE(answer->page.has_value(), answer->buckets.has_value());
    }
  }
  EXPECT_GT(understood, 100U) << "else nothing was shown";
}

}  // namespace
}  // namespace tandem::sync
