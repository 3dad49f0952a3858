// SPDX-License-Identifier: Apache-2.0
// Ranges against a set of bytes.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "dataplane/fragments/ranges.h"

namespace tandem {
namespace {

using Added = Ranges::Added;

std::size_t islands(const std::vector<bool>& bytes) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) count += bytes[i] && (i == 0 || !bytes[i - 1]);
  return count;
}

TEST(Ranges, TellWhatASetOfBytesTells) {
  std::mt19937 random{1};
  std::size_t overlapping = 0, too_many = 0, whole = 0;
  for (int story = 0; story < 5000; ++story) {
    Ranges ranges;
    std::vector<bool> bytes(128);
    for (int step = 0; step < 80; ++step) {
      const auto from = static_cast<std::uint32_t>(random() % 124), to = static_cast<std::uint32_t>(from + 1 + random() % (1 + story % 4));
      const Added added = ranges.add(from, to);
      const bool overlaps = std::find(bytes.begin() + from, bytes.begin() + to, true) != bytes.begin() + to;
      ASSERT_EQ(added == Added::overlapping, overlaps) << "story " << story << ", " << from << " to " << to;
      overlapping += overlaps;
      if (overlaps) continue;
      std::vector<bool> grown = bytes;
      std::fill(grown.begin() + from, grown.begin() + to, true);
      ASSERT_EQ(added == Added::too_many, islands(grown) > Ranges::kMost) << "story " << story;
      too_many += added == Added::too_many;
      if (added == Added::fresh) bytes = grown;
      ASSERT_EQ(ranges.size(), islands(bytes));
    }
    std::size_t head = 0;
    while (head < bytes.size() && bytes[head]) ++head;
    const bool one = islands(bytes) == 1 && head != 0;
    ASSERT_EQ(ranges.is_one_up_to(static_cast<std::uint32_t>(head)), one);
    whole += one;
  }
  EXPECT_GT(overlapping, 1000U);
  EXPECT_GT(too_many, 100U);
}

TEST(Ranges, InOrderNeedOne) {
  Ranges ranges;
  for (std::uint32_t from = 0; from < 65'528; from += 8) ASSERT_EQ(ranges.add(from, from + 8), Added::fresh);
  EXPECT_EQ(ranges.size(), 1U);
  EXPECT_TRUE(ranges.is_one_up_to(65'528));
  EXPECT_EQ(ranges.add(65'528, 65'535), Added::fresh) << "the last byte that a datagram may have";
  EXPECT_EQ(ranges.end(), 65'535U);
}

}  // namespace
}  // namespace tandem
