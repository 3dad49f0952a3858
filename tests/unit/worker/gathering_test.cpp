// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/gathering.h"

#include <gtest/gtest.h>

#include <functional>

namespace tandem {
namespace {

using namespace std::chrono_literals;

// A worker in a time of the test's own, which looks every 50 us or after each gathering.
class Day {
 public:
  // What part of `length` was slept to gather; `per_second`: packets that come then, given whether they gather.
  double gathered(Nanoseconds length, const std::function<double(bool)>& per_second) {
    Nanoseconds gathering{};
    for (const Instant until = now_ + length; now_ < until;) {
      const bool gathers = gathering_.wise(now_, static_cast<std::uint64_t>(packets_));
      const Nanoseconds slept = gathers ? Gathering::kLength : 50us;
      packets_ += per_second(gathers) * std::chrono::duration<double>(slept).count();
      if (gathers) gathering += slept;
      now_ = now_ + slept;
    }
    return std::chrono::duration<double>(gathering) / std::chrono::duration<double>(length);
  }

 private:
  Gathering gathering_;
  Instant now_{};
  double packets_ = 0;
};

double a_flood(bool) { return 300'000; }
double many(bool) { return 20'000; }
double few(bool) { return 5'000; }
double one_who_waits(bool gathers) { return gathers ? 5'000 : 20'000; }

TEST(Gathering, IsWiseWhereManyComeWhateverTheWorkerDoes) {
  Day day;
  EXPECT_GT(day.gathered(1s, many), 0.9);
}

TEST(Gathering, IsNotTriedWhereNothingWouldGather) {
  Day day;
  EXPECT_EQ(day.gathered(1s, few), 0);
}

// A worker that slept beside a flood would come back to a core that is taken, and a full ring.
TEST(Gathering, EndsWhereSoManyComeThatTheyAreTogetherAnyway) {
  Day day;
  EXPECT_EQ(day.gathered(1s, a_flood), 0);
  EXPECT_GT(day.gathered(1s, many), 0.9);
  EXPECT_LT(day.gathered(1s, a_flood), 0.02);
}

TEST(Gathering, IsGivenUpWhereItSlowsSomebodyDownAndTriedEverMoreSeldom) {
  Day day;
  EXPECT_LT(day.gathered(1s, one_who_waits), 0.10);
  EXPECT_LT(day.gathered(10s, one_who_waits), 0.05);
}

TEST(Gathering, EndsWhenTheManyHaveLeftAndBeginsAgainWithThem) {
  Day day;
  EXPECT_GT(day.gathered(1s, many), 0.9);
  EXPECT_LT(day.gathered(1s, few), 0.05);
  EXPECT_GT(day.gathered(1s, many), 0.9);
}

TEST(Gathering, EndsForWhoWaitsAlsoAfterAMinuteOfMany) {
  Day day;
  day.gathered(60s, many);
  EXPECT_LT(day.gathered(1s, one_who_waits), 0.10);
}

// Who came in the middle of a window was taken for fewer than he is.
TEST(Gathering, ComparesAnewBecauseTheFirstRateMayHaveBeenOfAnIdleHalf) {
  Day day;
  day.gathered(5ms, [](bool) { return 0; });
  EXPECT_LT(day.gathered(1s, [](bool gathers) { return gathers ? 15'000 : 60'000; }), 0.10);
}

}  // namespace
}  // namespace tandem
