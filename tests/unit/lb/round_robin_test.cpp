// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <thread>

#include "dataplane/lb/rotation.h"
#include "tests/unit/lb/service.h"

namespace tandem::lb_test {
namespace {

constexpr ScheduleOptions kRoundRobin{.kind = SchedulerKind::round_robin};

std::string rotation(const std::vector<std::uint32_t>& weights) {
  std::vector<MaglevMember> members;
  for (const std::uint32_t weight : weights) members.push_back({members.size(), weight});
  std::string letters;
  for (const MemberIndex member : rotation_of(members)) letters += static_cast<char>('a' + member);
  return letters;
}

TEST(RoundRobin, InterleavesWeights) {
  EXPECT_EQ(rotation({1, 1, 1}), "abc");
  EXPECT_EQ(rotation({100, 100, 100}), "abc");
  EXPECT_EQ(rotation({2, 1}), "aba");
  EXPECT_EQ(rotation({5, 1, 1}), "abaaaca");
  EXPECT_EQ(rotation({20, 20, 10}), "abcab");
}

TEST(RoundRobin, IsCyclic) {
  for (const std::size_t backends : {2, 3, 10, 1000}) {
    Service service{members_of(backends), kRoundRobin};
    for (std::size_t i = 0; i < 10'000; ++i) ASSERT_EQ(service.give(flow(i)).member, i % backends);
  }
}

TEST(RoundRobin, IsExactlyCyclicOverThreads) {
  for (const std::size_t backends : {3, 10}) {
    Service service{members_of(backends), kRoundRobin};
    std::vector<std::atomic<std::uint64_t>> given(backends);
    std::vector<std::jthread> workers;
    constexpr std::size_t kEach = 30'000 * 3;
    for (std::size_t w = 0; w < kWorkers; ++w)
      workers.emplace_back([&service, &given, w] {
        for (std::size_t i = 0; i < kEach; ++i)
          ++given[pick(service.schedule(), service.turns(), service.live(), flow(w * kEach + i)).member];
      });
    workers.clear();
    for (const auto& count : given) EXPECT_EQ(count, kWorkers * kEach / backends);
    std::printf("N=%zu round-robin over eight threads: spread=0\n", backends);
  }
}

TEST(RoundRobin, WhoIsDownLeavesTheOthersProportionAlone) {
  const auto weights = [](std::size_t i) -> std::uint16_t { return static_cast<std::uint16_t>(1 + i % 3); };
  Service service{members_of(10, weights), kRoundRobin};
  service.set_down({1, 4, 5});
  const std::size_t live_sum = service.live().weight_sum();
  for (std::size_t i = 0; i < 1000 * live_sum; ++i) service.give(flow(i));
  for (std::size_t backend = 0; backend < 10; ++backend) {
    const bool live = service.live().contains(service.member(backend));
    EXPECT_EQ(service.given(backend), live ? 1000u * weights(backend) : 0u) << backend;
  }
}

TEST(RoundRobin, OneLiveAmongManyServesAll) {
  Service service{members_of(1000), kRoundRobin};
  std::vector<std::size_t> down(999);
  for (std::size_t i = 0; i < down.size(); ++i) down[i] = i;
  service.set_down(down);
  for (std::size_t i = 0; i < 1000; ++i) service.give(flow(i));
  EXPECT_EQ(service.given(999), 1000u);
}

TEST(RoundRobin, GoesOnWhereItWasWhenMembersChange) {
  Service service{members_of(10), kRoundRobin};
  for (std::size_t i = 0; i < 1'000'004; ++i) service.give(flow(i));
  const std::uint64_t expected = service.schedule().members()[4].identity;
  service.change(members_of(12));
  EXPECT_EQ(service.schedule().members()[service.give(flow(1)).member].identity, expected);
}

TEST(RoundRobin, InSlowStartAMemberServesOneRoundInSoMany) {
  for (const std::size_t backends : {2, 3, 10})
    for (const std::uint32_t parts : {16, 4, 2, 1}) {
      Service service{members_of(backends), {.kind = SchedulerKind::round_robin}};
      service.turns().set_scale(service.member(0), parts * kFullShare);
      for (std::size_t i = 0; i < 100'000; ++i) service.give(flow(i));
      const double share = static_cast<double>(service.given(0)) / 1e5, expected = 1 / (1 + static_cast<double>(backends - 1) * parts);
      std::printf("N=%zu round-robin, one in slow start at 1/%u: %.4f of all (%.4f expected)\n", backends, parts, share, expected);
      EXPECT_NEAR(share, expected, 0.0005);
    }
}

TEST(RoundRobin, WhenAllAreInSlowStartTheyShareEvenly) {
  for (const std::size_t backends : {1, 2, 3, 10, 16, 17, 33, 100})
    for (const std::uint32_t scale : {kSlowStartMost, 3000u, 2 * kFullShare, 300u}) {
      Service service{members_of(backends), {.kind = SchedulerKind::round_robin}};
      for (std::size_t i = 0; i < backends; ++i) service.turns().set_scale(service.member(i), scale);
      for (std::size_t i = 0; i < 200 * backends; ++i) service.give(flow(i));
      EXPECT_LE(service.spread(), 10u) << backends << " members who each had 200, at " << scale;
    }
}

}  // namespace
}  // namespace tandem::lb_test
