// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <thread>

#include "common/base/result.h"
#include "common/base/spsc_ring.h"

namespace tandem {
namespace {

TEST(Result, AnErrorTellsWhereItWasFromTheOutsideIn) {
  const Error inner{"'10.0.0.0' has no /length"};
  EXPECT_EQ(inner.within("vip").within("service").message, "service: vip: '10.0.0.0' has no /length");
}

TEST(SpscRing, AFullRingRefusesAndAnEmptyOneGivesNothing) {
  SpscRing<int> ring{4};
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(i));
  EXPECT_FALSE(ring.push(4));
  int value = -1;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(ring.pop(value));
    EXPECT_EQ(value, i);
  }
  EXPECT_FALSE(ring.pop(value));
}

TEST(SpscRing, TwoThreadsPassEveryValueInOrder) {
  constexpr std::uint32_t kCount = 1'000'000;
  SpscRing<std::uint32_t> ring{1024};
  std::thread producer{[&ring] {
    for (std::uint32_t i = 0; i < kCount;) {
      if (ring.push(i)) ++i;
      else std::this_thread::yield();
    }
  }};
  std::uint32_t expected = 0, value = 0;
  while (expected < kCount) {
    if (!ring.pop(value)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(value, expected);
    ++expected;
  }
  producer.join();
}

}  // namespace
}  // namespace tandem
