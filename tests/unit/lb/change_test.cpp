// SPDX-License-Identifier: Apache-2.0
// consistent-round-robin while backends go down, come back, arrive, leave, and change weight.
#include <gtest/gtest.h>

#include "tests/unit/lb/service.h"

namespace tandem::lb_test {
namespace {

TEST(ABackendDown, MovesNoFlowOfTheOthers) {
  for (const std::size_t backends : {2, 10, 100, 1000}) {
    Service service{members_of(backends)};
    const Schedule* const built = &service.schedule();
    std::vector<MemberIndex> before;
    for (std::size_t i = 0; i < 100'000; ++i) before.push_back(first_live_candidate(*built, service.live(), flow(i)).member);
    service.set_down({0});
    std::size_t moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const MemberIndex now = first_live_candidate(service.schedule(), service.live(), flow(i)).member;
      EXPECT_TRUE(service.live().contains(now));
      moved += now != before[i] && service.live().contains(before[i]) ? 1 : 0;
    }
    std::printf("N=%zu one down: %zu flows of live candidates moved\n", backends, moved);
    EXPECT_EQ(moved, 0u);
    EXPECT_EQ(&service.schedule(), built);
  }
}

TEST(ABackendDown, GetsNothingAndTheOthersStayEven) {
  for (const std::size_t backends : {2, 3, 10, 100, 1000}) {
    Service service{members_of(backends)};
    service.give_many(kMillion / 2);
    service.set_down({0});
    service.forget();
    service.give_many(kMillion / 2);
    std::printf("N=%zu one down: spread=%lu of the live\n", backends, service.spread());
    EXPECT_EQ(service.given(0), 0u);
    EXPECT_LE(service.spread(), 18u + 9u);
  }
}

TEST(ABackendDown, AHalfDeadServiceStillSpreads) {
  for (const std::size_t backends : {10, 100, 1000}) {
    Service service{members_of(backends)};
    std::vector<std::size_t> half;
    for (std::size_t i = 0; i < backends; i += 2) half.push_back(i);
    service.set_down(half);
    service.give_many(kMillion);
    std::printf("N=%zu half down: spread=%lu of the live\n", backends, service.spread());
    EXPECT_LE(service.spread(), 27u);
  }
}

TEST(ABackendDown, NobodyLiveMeansNoChoice) {
  Service service{members_of(2)};
  service.set_down({0, 1});
  EXPECT_FALSE(pick(service.schedule(), service.turns(), service.live(), flow(1)));
  EXPECT_FALSE(first_live_candidate(service.schedule(), service.live(), flow(1)));
}

// The most connections that one backend gets out of any hundred in a row.
std::uint64_t most_of_a_hundred(Service& service, std::size_t backend, std::size_t first_flow, std::size_t hundreds) {
  std::uint64_t most = 0, before = service.given(backend);
  for (std::size_t i = 0; i < hundreds; ++i) {
    for (std::size_t k = 0; k < 100; ++k) service.give(flow(first_flow + 100 * i + k));
    most = std::max(most, service.given(backend) - before);
    before = service.given(backend);
  }
  return most;
}

TEST(ABackendBack, IsNotFloodedAfterAMillionConnectionsWithoutIt) {
  for (const std::size_t backends : {2, 10, 100}) {
    Service service{members_of(backends)};
    service.set_down({0});
    service.give_many(kMillion);
    service.set_down({});
    const std::uint64_t most = most_of_a_hundred(service, 0, kMillion, 100);
    std::printf("N=%zu back after 10^6: at most %lu of 100 in a row, fair are %zu\n", backends, most, 100 / backends);
    EXPECT_LE(most, 100 / backends + 9);
    EXPECT_NEAR(static_cast<double>(service.given(0)), 10'000.0 / static_cast<double>(backends), 18);
  }
}

TEST(ABackendThatFlaps, DoesNotSpoilTheMean) {
  Service service{members_of(10)};
  for (std::size_t i = 0; i < 1000; ++i) {
    service.give_many(400);
    service.set_down(i % 2 == 0 ? std::vector<std::size_t>{i % 10} : std::vector<std::size_t>{});
  }
  service.set_down({});
  service.forget();
  service.give_many(kMillion / 10);
  std::printf("N=10 after 1000 flaps: spread=%lu\n", service.spread());
  EXPECT_LE(service.spread(), 18u);
}

TEST(ANewBackend, StartsAtTheMean) {
  for (const std::size_t backends : {2, 10, 100}) {
    Service service{members_of(backends)};
    service.give_many(kMillion);
    service.change(members_of(backends + 1));
    const std::uint64_t most = most_of_a_hundred(service, backends, kMillion, 100);
    std::printf("N=%zu + 1 after 10^6: the new one gets at most %lu of 100 in a row, spread=%lu\n", backends, most, service.spread());
    EXPECT_LE(most, 100 / (backends + 1) + 9);
    EXPECT_LE(service.spread(), 18u);
  }
}

TEST(ARemovedBackend, LeavesTheOthersEven) {
  Service service{members_of(11)};
  service.give_many(kMillion);
  service.change(members_of(10));
  service.give_many(kMillion / 10);
  std::printf("N=11 - 1 after 10^6: spread=%lu\n", service.spread());
  EXPECT_LE(service.spread(), 18u);
}

TEST(AWeightChange, TakesEffectAtOnceAndFloodsNobody) {
  for (const auto weight : {std::uint16_t{2}, std::uint16_t{10}, std::uint16_t{100}}) {
    Service service{members_of(10, [](std::size_t) { return std::uint16_t{10}; })};
    service.give_many(kMillion);
    service.change(members_of(10, [weight](std::size_t i) { return i == 0 ? weight : std::uint16_t{10}; }));
    const double sum = 90 + weight, fair = 100 * weight / sum;
    const std::uint64_t most = most_of_a_hundred(service, 0, kMillion, 1000);
    std::printf("N=10 weight 10 -> %u after 10^6: %lu of 100,000, fair are %.0f; at most %lu of 100 in a row, fair are %.0f\n", weight,
                service.given(0), 1e5 * weight / sum, most, fair);
    EXPECT_NEAR(static_cast<double>(service.given(0)), 1e5 * weight / sum, 18 * std::max(1.0, weight / 10.0));
    EXPECT_LE(static_cast<double>(most), fair + 9 * std::max(1.0, weight / 10.0));
  }
}

TEST(ASlowStart, GrowsWithTimeAndEndsAtTheFullShare) {
  using std::chrono::seconds;
  EXPECT_EQ(slow_start_scale(seconds{0}, seconds{30}), kSlowStartMost);
  EXPECT_EQ(slow_start_scale(seconds{15}, seconds{30}), 2 * kFullShare);
  EXPECT_EQ(slow_start_scale(seconds{30}, seconds{30}), kFullShare);
  EXPECT_EQ(slow_start_scale(seconds{1}, seconds{0}), kFullShare);
  for (const std::size_t backends : {2, 10, 100}) {
    Service service{members_of(backends)};
    service.give_many(kMillion);
    service.change(members_of(backends + 1));
    const auto share_at = [&service, backends](std::uint32_t scale) {
      service.turns().set_scale(service.member(backends), scale);
      service.forget();
      service.give_many(80'000);
      return static_cast<double>(service.given(backends)) * static_cast<double>(backends + 1) / 80'000;
    };
    for (const std::uint32_t parts : {16, 4, 2, 1}) {
      // In effect a weight of 1 / parts among `backends` of weight 1.
      const double n = static_cast<double>(backends), expected = (n + 1) / (n * parts + 1), share = share_at(parts * kFullShare);
      std::printf("N=%zu + 1 in slow start at 1/%u: %.3f of a full share (%.3f expected)\n", backends, parts, share, expected);
      EXPECT_NEAR(share, expected, 0.04);
    }
    EXPECT_LE(service.spread(), 27u);
  }
}

TEST(TheMean, IsLiftedByWhoeverFindsEverybodyAheadOfIt) {
  Service service{members_of(10)};
  service.give_many(1000);
  service.turns().shift_mean(-static_cast<std::int64_t>(100 * kTurn));
  service.forget();
  service.give_many(kMillion / 10);
  EXPECT_LE(service.spread(), 12u);
  EXPECT_LT(service.exceptions(), 0.4 * kMillion / 10);
}

TEST(Turns, SurviveTheirOwnOverflow) {
  Service service{members_of(10)};
  const TurnTime almost = ~TurnTime{0} - 100 * kTurn;
  for (MemberIndex i = 0; i < 10; ++i) service.turns().set_time(i, almost);
  service.turns().shift_mean(static_cast<std::int64_t>(almost));
  service.give_many(kMillion / 10);
  EXPECT_LT(service.turns().mean(), almost);
  EXPECT_LE(service.spread(), 12u);
}

}  // namespace
}  // namespace tandem::lb_test
