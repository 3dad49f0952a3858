// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/replay_window.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace tandem::sync {
namespace {

bool take(ReplayWindow& window, std::uint64_t sequence) {
  const bool is_new = window.is_new(sequence);
  if (is_new) window.mark(sequence);
  return is_new;
}

TEST(ReplayWindow, InOrderEachIsTakenOnce) {
  ReplayWindow window;
  for (std::uint64_t i = 1; i < 5000; ++i) {
    ASSERT_TRUE(take(window, i)) << i;
    ASSERT_FALSE(take(window, i)) << i;
  }
}

TEST(ReplayWindow, ALateOneIsTakenOnceWithinAThousandAndTwentyFour) {
  ReplayWindow window;
  ASSERT_TRUE(take(window, 5000));
  EXPECT_TRUE(take(window, 5000 - 1023));
  EXPECT_FALSE(take(window, 5000 - 1023));
  EXPECT_FALSE(take(window, 5000 - 1024)) << "too far behind to tell";
  EXPECT_FALSE(take(window, 1));
}

TEST(ReplayWindow, ZeroIsNobodysSequence) { EXPECT_FALSE(ReplayWindow{}.is_new(0)); }

TEST(ReplayWindow, ALeapForgetsWhatIsBehindIt) {
  ReplayWindow window;
  for (std::uint64_t i = 1; i <= 1024; ++i) ASSERT_TRUE(take(window, i));
  ASSERT_TRUE(take(window, 1ull << 47));
  EXPECT_TRUE(take(window, (1ull << 47) - 1023)) << "its place was that of an older one";
  EXPECT_FALSE(take(window, 1024));
}

TEST(ReplayWindow, EqualsASetOfAllThatWasSeen) {
  std::mt19937_64 random{3};
  ReplayWindow window;
  std::set<std::uint64_t> seen;
  std::uint64_t newest = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t base = newest + (random() % 50 == 0 ? random() % 3000 : 3), back = random() % 1500;
    const std::uint64_t sequence = base > back ? base - back : 1;
    const bool expected = !seen.contains(sequence) && (sequence > newest || newest - sequence < ReplayWindow::kWidth);
    ASSERT_EQ(take(window, sequence), expected) << sequence << " after " << newest;
    seen.insert(sequence);
    newest = std::max(newest, sequence);
    if (!expected && sequence + ReplayWindow::kWidth <= newest) seen.erase(sequence);
  }
}

}  // namespace
}  // namespace tandem::sync
