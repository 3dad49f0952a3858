// SPDX-License-Identifier: Apache-2.0
// maglev and source-hash: what the hash says, whatever went before. Figures of docs/design/schedulers.md come from here.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/unit/lb/service.h"

namespace tandem::lb_test {
namespace {

// A client's address alone: what the pipeline hashes for source-hash.
std::uint64_t client(std::size_t number) {
  static const SipKey key = derive_key(kSeed, "schedule");
  return source_hash(key, Ipv4Address{Be32{0x0a000000 + static_cast<std::uint32_t>(number)}});
}

// Of a fair coin with so many sides the furthest is within 5 standard deviations, but for one run in ten thousand.
double chance_alone(double connections, double backends) { return 5 * std::sqrt(connections / backends); }

TEST(MaglevScheduler, ConnectionsFallAsChanceHasItAndNoneIsAnException) {
  for (const std::size_t backends : {2, 3, 10}) {
    Service service{members_of(backends), {.kind = SchedulerKind::maglev}};
    for (std::size_t i = 0; i < kMillion; ++i) service.give(flow(i));
    std::printf("N=%zu maglev: spread=%lu, furthest from its share by %.0f\n", backends, service.spread(), service.furthest_from_share());
    EXPECT_LE(service.furthest_from_share(), chance_alone(kMillion, static_cast<double>(backends)));
    EXPECT_GT(service.spread(), 20u) << "turns were taken";
    EXPECT_EQ(service.exceptions(), 0);
  }
}

TEST(MaglevScheduler, WhatWentBeforeMakesNoDifference) {
  Service fresh{members_of(10), {.kind = SchedulerKind::maglev}}, old{members_of(10), {.kind = SchedulerKind::maglev}};
  for (std::size_t i = 0; i < 10'000; ++i) old.give(flow(kMillion + i));
  for (std::size_t i = 0; i < 10'000; ++i) EXPECT_EQ(fresh.give(flow(i)).member, old.give(flow(i)).member);
}

TEST(MaglevScheduler, ABackendThatIsDownMovesItsOwnConnectionsAlone) {
  Service whole{members_of(10), {.kind = SchedulerKind::maglev}}, broken{members_of(10), {.kind = SchedulerKind::maglev}};
  broken.set_down({3});
  const MemberIndex down = broken.member(3);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < 100'000; ++i) {
    const Choice was = whole.give(flow(i)), is = broken.give(flow(i));
    EXPECT_EQ(is.exception, was.member == down) << "the schedule alone would choose the one that is down";
    if (was.member == down) ++moved;
    else ASSERT_EQ(is.member, was.member);
  }
  EXPECT_NEAR(static_cast<double>(moved), 10'000, 600);
  for (std::size_t backend = 0; backend < 10; ++backend)
    EXPECT_NEAR(static_cast<double>(broken.given(backend)), backend == 3 ? 0 : 100'000.0 / 9, 700) << backend;
}

TEST(SourceHash, AClientKeepsItsBackendAndClientsAreShared) {
  for (const std::size_t backends : {2, 3, 10}) {
    Service service{members_of(backends), {.kind = SchedulerKind::source_hash}};
    constexpr std::size_t kClients = 100'000;
    for (std::size_t i = 0; i < kClients; ++i) service.give(client(i));
    std::printf("N=%zu source-hash: %zu clients, spread=%lu\n", backends, kClients, service.spread());
    EXPECT_LE(service.furthest_from_share(), chance_alone(kClients, static_cast<double>(backends)));
    for (std::size_t i = 0; i < 1000; ++i) {
      const MemberIndex first = service.give(client(i)).member;
      for (int again = 0; again < 3; ++again) EXPECT_EQ(service.give(client(i)).member, first);
    }
  }
}

TEST(SourceHash, ClientsOfABackendThatIsDownComeHomeWhenItIsBack) {
  Service service{members_of(3), {.kind = SchedulerKind::source_hash}};
  std::map<std::size_t, MemberIndex> home;
  for (std::size_t i = 0; i < 3000; ++i) home[i] = service.give(client(i)).member;
  service.set_down({1});
  for (const auto& [number, at] : home) {
    const MemberIndex now = service.give(client(number)).member;
    EXPECT_EQ(now != at, at == service.member(1));
  }
  service.set_down({});
  for (const auto& [number, at] : home) EXPECT_EQ(service.give(client(number)).member, at);
}

TEST(SingleWriter, GivesAllToOne) {
  Service writer{members_of(10), {.kind = SchedulerKind::single_writer}};
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(writer.give(flow(i)).member, 0);
}

}  // namespace
}  // namespace tandem::lb_test
