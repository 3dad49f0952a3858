// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <thread>

#include "dataplane/observe/byte_ring.h"

namespace tandem {
namespace {

bool lay(ByteRing& ring, const std::string& head, const std::string& body) {
  return ring.lay(std::as_bytes(std::span{head}), std::as_bytes(std::span{body}));
}

std::string taken(ByteRing& ring) {
  std::string out = "nothing";
  ring.pop([&](ByteRing::Bytes record) { out.assign(reinterpret_cast<const char*>(record.data()), record.size()); });
  return out;
}

TEST(ByteRing, GivesBackWhatWasShownInOrder) {
  ByteRing ring{256};
  EXPECT_TRUE(lay(ring, "a", "bc"));
  EXPECT_TRUE(lay(ring, "d", ""));
  EXPECT_EQ(taken(ring), "nothing") << "laid, not shown";
  ring.show();
  EXPECT_EQ(taken(ring), "abc");
  EXPECT_EQ(taken(ring), "d");
  EXPECT_EQ(taken(ring), "nothing");
}

TEST(ByteRing, WhatIsTakenBackWasNever) {
  ByteRing ring{256};
  lay(ring, "1", "");
  const ByteRing::Mark first = ring.mark();
  lay(ring, "2", "");
  ring.show(first), ring.take_back();
  lay(ring, "3", "");
  ring.show();
  EXPECT_EQ(taken(ring), "1");
  EXPECT_EQ(taken(ring), "3");
  EXPECT_EQ(taken(ring), "nothing");
}

TEST(ByteRing, RefusesWithoutRoomAndWhatIsLongerThanHalf) {
  ByteRing ring{128};
  EXPECT_FALSE(lay(ring, "", std::string(100, 'x'))) << "or one record could wait for ever";
  EXPECT_TRUE(lay(ring, "", std::string(50, 'x')));
  EXPECT_TRUE(lay(ring, "", std::string(50, 'y')));
  EXPECT_FALSE(lay(ring, "", "z"));
  ring.show();
  taken(ring);
  EXPECT_TRUE(lay(ring, "", "z")) << "there is room again";
}

// Against a queue that needs no thought.
TEST(ByteRing, IsAQueueWhateverTheLengths) {
  ByteRing ring{1024};
  std::deque<std::string> laid, shown;
  std::mt19937 random{7};
  for (int step = 0; step < 100'000; ++step) {
    const unsigned what = random() % 8;
    if (what < 4) {
      const std::string text(random() % 300, static_cast<char>('a' + step % 26));
      if (lay(ring, "", text)) laid.push_back(text);
    } else if (what == 4) {
      ring.take_back(), laid.clear();
    } else if (what == 5) {
      ring.show();
      shown.insert(shown.end(), laid.begin(), laid.end()), laid.clear();
    } else {
      const std::string expected = shown.empty() ? "nothing" : shown.front();
      ASSERT_EQ(taken(ring), expected) << "step " << step;
      if (!shown.empty()) shown.pop_front();
    }
  }
}

TEST(ByteRing, BetweenTwoThreads) {
  ByteRing ring{4096};
  constexpr std::uint32_t kRecords = 20'000;
  std::thread producer{[&] {
    for (std::uint32_t i = 0; i < kRecords;) {
      const std::string body(i % 90, static_cast<char>(i));
      if (!ring.lay(std::as_bytes(std::span{&i, 1}), std::as_bytes(std::span{body}))) std::this_thread::yield();
      else ring.show(), ++i;
    }
  }};
  for (std::uint32_t expected = 0; expected < kRecords;) {
    std::uint32_t number = 0;
    std::size_t length = 0;
    const bool popped = ring.pop([&](ByteRing::Bytes record) {
      std::memcpy(&number, record.data(), sizeof number);
      length = record.size() - sizeof number;
    });
    if (!popped) {
      std::this_thread::yield();
      continue;
    }
    EXPECT_EQ(number, expected);
    EXPECT_EQ(length, expected % 90);
    ++expected;
  }
  producer.join();
}

}  // namespace
}  // namespace tandem
