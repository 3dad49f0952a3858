// SPDX-License-Identifier: Apache-2.0
// Rings and bells between threads that really run; also built with the thread sanitizer (scripts/test sanitizers).
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <thread>
#include <vector>

#include "common/base/bell.h"
#include "common/base/spsc_ring.h"

namespace tandem {
namespace {

// As wide as what workers give each other, and wider than any store.
struct Wide {
  std::array<std::uint64_t, 8> words;
};

template <typename T, typename Make>
void push_all(SpscRing<T>& ring, std::uint64_t count, Make make) {
  for (std::uint64_t i = 0; i < count;) {
    if (ring.push(make(i))) ++i;
    else std::this_thread::yield();
  }
}

TEST(RingThreads, AValueOfALineArrivesWhole) {
  constexpr std::uint64_t kCount = 50'000;
  SpscRing<Wide> ring{8};  // so small that each slot is written again at once
  std::jthread producer{[&] {
    push_all(ring, kCount, [](std::uint64_t i) {
      Wide wide;
      wide.words.fill(i);
      return wide;
    });
  }};
  for (std::uint64_t expected = 0; expected < kCount;) {
    Wide wide;
    if (!ring.pop(wide)) {
      std::this_thread::yield();
      continue;
    }
    for (const std::uint64_t word : wide.words) ASSERT_EQ(word, expected);
    ++expected;
  }
}

TEST(RingThreads, AThirdThreadMayAskHowManyWait) {
  constexpr std::uint64_t kCount = 50'000;
  SpscRing<std::uint64_t> ring{64};
  std::jthread producer{[&] { push_all(ring, kCount, [](std::uint64_t i) { return i; }); }};
  std::jthread watcher{[&](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_LE(ring.size(), kCount);
  }};
  std::uint64_t taken = 0;
  for (std::uint64_t value; taken < kCount;) taken += ring.pop(value);
}

// Of two workers' rings one thread sleeps until its bell is rung. A wake-up that is missed would be ten seconds of waiting, and fails.
TEST(RingThreads, WhoSleepsUntilTheBellMissesNothing) {
  constexpr std::uint64_t kCount = 5000;
  std::array<SpscRing<std::uint64_t>, 2> rings{SpscRing<std::uint64_t>{64}, SpscRing<std::uint64_t>{64}};
  Bell bell;
  std::vector<std::jthread> producers;
  for (SpscRing<std::uint64_t>& ring : rings)
    producers.emplace_back([&] {
      for (std::uint64_t i = 0; i < kCount;) {
        if (ring.push(i)) ++i, bell.ring();
        else std::this_thread::yield();
      }
    });
  std::array<std::uint64_t, 2> next{};
  while (next[0] + next[1] < 2 * kCount) {
    pollfd waiting{bell.descriptor(), POLLIN, 0};
    ASSERT_EQ(poll(&waiting, 1, 10'000), 1) << "nobody rang for " << 2 * kCount - next[0] - next[1] << " values";
    bell.answer();
    for (std::size_t i = 0; i < rings.size(); ++i)
      for (std::uint64_t value; rings[i].pop(value); ++next[i]) ASSERT_EQ(value, next[i]);
  }
}

}  // namespace
}  // namespace tandem
