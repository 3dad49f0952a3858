// SPDX-License-Identifier: Apache-2.0
// What sources may use: each its own bucket, in an array that never grows.
#include "dataplane/guard/source_meter.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "dataplane/model/service_meter.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SourceMeters : public testing::Test {
 protected:
  unsigned taken(std::uint64_t hash, std::uint32_t limit, Instant now, unsigned tries = 100) {
    unsigned count = 0;
    for (unsigned i = 0; i < tries; ++i) count += meter_->take(hash, limit, now);
    return count;
  }

  std::unique_ptr<SourceMeter> meter_ = std::make_unique<SourceMeter>();
  Instant start_ = Instant{} + seconds{1000};
};

TEST_F(SourceMeters, ASourceHasItsBurstAndThenItsRate) {
  EXPECT_EQ(taken(7, 10, start_), 8U) << "eight at once, though a tenth of a second is worth one";
  EXPECT_EQ(taken(7, 10, start_), 0U);
  EXPECT_EQ(taken(7, 10, start_ + milliseconds{300}), 3U);
  EXPECT_EQ(taken(7, 10, start_ + seconds{100}), 8U) << "rest saves up a burst and no more";
}

TEST_F(SourceMeters, SourcesDoNotUseEachOthers) {
  EXPECT_EQ(taken(1, 10, start_), 8U);
  for (std::uint64_t other = 2; other < 8; ++other) EXPECT_EQ(taken(other << 41 | 1, 10, start_), 8U) << "in the same row";
  EXPECT_EQ(taken(1, 10, start_), 0U);
}

TEST_F(SourceMeters, AFloodOfSourcesRefusesNobodyWhoKeepsToTheLimit) {
  std::mt19937_64 chance{1};
  unsigned refused = 0;
  for (int i = 0; i < 500'000; ++i) refused += !meter_->take(chance(), 1000, start_ + milliseconds{i / 100});
  EXPECT_EQ(refused, 0U);
}

TEST_F(SourceMeters, WhoTriesOnStaysWhileOthersComeAndGo) {
  taken(1, 10, start_);
  for (std::uint64_t other = 2; other < 30; ++other) {
    meter_->take(other << 41 | 1, 10, start_ + milliseconds{other});
    EXPECT_LE(taken(1, 10, start_ + milliseconds{other}), 1U) << "of its row the one that was idle for longest goes";
  }
}

TEST_F(SourceMeters, ACellThatWasLeftForDaysRefusesNobody) {
  for (const auto days : {1, 5, 6, 7, 8, 12, 13, 25}) {
    const Instant later = start_ + std::chrono::hours{24 * days};
    taken(9, 10, start_);
    EXPECT_EQ(taken(9, 10, later), 8U) << days;
    start_ = later + seconds{1};
  }
}

TEST(ServiceMeter, AllWorkersTogetherHaveTheLimit) {
  const auto meter = std::make_unique<ServiceMeter>();
  constexpr std::uint32_t kLimit = 100'000;
  std::uint64_t passed = 0;
  for (int ms = 0; ms < 1000; ++ms)
    for (int i = 0; i < 400; ++i)
      passed += meter->take_packet(static_cast<WorkerId>(i % 4), kLimit, Instant{} + seconds{1} + milliseconds{ms});
  EXPECT_NEAR(static_cast<double>(passed), 110'000, 500) << "a second's worth, and the burst of a tenth";
}

TEST(ServiceMeter, ASmallLimitOfPacketsIsKeptToo) {
  const auto meter = std::make_unique<ServiceMeter>();
  unsigned passed = 0;
  for (int i = 0; i < 100; ++i) passed += meter->take_packet(static_cast<WorkerId>(i % 8), 5, Instant{} + seconds{1});
  EXPECT_EQ(passed, 8U);
}

}  // namespace
}  // namespace tandem
