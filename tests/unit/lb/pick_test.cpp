// SPDX-License-Identifier: Apache-2.0
// consistent-round-robin, nobody's membership changing. Figures of docs/design/schedulers.md come from here.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/unit/lb/service.h"

namespace tandem::lb_test {
namespace {

constexpr std::size_t kAdversary = 300'000;

std::uint64_t promised_spread(std::size_t backends) { return backends <= 10 ? 12 : 18; }

TEST(ConsistentRoundRobin, AMillionConnectionsFromEightWorkersAreSpreadEvenly) {
  for (const std::size_t backends : {2, 3, 10, 100, 1000}) {
    Service service{members_of(backends)};
    std::uint64_t widest = 0;
    for (std::size_t i = 0; i < kMillion; i += kWorkers) {
      service.give_at_once(i);
      if (i % 1000 == 0) widest = std::max(widest, service.spread());
    }
    std::printf("N=%zu spread=%lu, at its widest %lu, exceptions %.1f%%\n", backends, service.spread(), widest, service.exceptions() / 1e4);
    EXPECT_LE(std::max(widest, service.spread()), promised_spread(backends));
  }
}

TEST(ConsistentRoundRobin, ExceptionsAreAQuarterToAThird) {
  struct Case {
    std::size_t backends;
    double percent;
  };
  for (const auto [backends, percent] : {Case{2, 25}, Case{3, 28}, Case{10, 33}}) {
    Service service{members_of(backends)};
    for (std::size_t i = 0; i < kMillion; ++i) service.give(flow(i));
    std::printf("N=%zu exceptions=%.1f%%\n", backends, service.exceptions() / 1e4);
    EXPECT_NEAR(service.exceptions() / 1e4, percent, 1.5);
  }
}

TEST(ConsistentRoundRobin, AThresholdOfOneTurnHalvesTheExceptions) {
  for (const std::size_t backends : {3, 10, 100}) {
    Service strict{members_of(backends)}, lenient{members_of(backends), {.threshold = kTurn}};
    for (std::size_t i = 0; i < kMillion; ++i) strict.give(flow(i)), lenient.give(flow(i));
    std::printf("N=%zu exceptions %.1f%% -> %.1f%%, spread %lu -> %lu\n", backends, strict.exceptions() / 1e4, lenient.exceptions() / 1e4,
                strict.spread(), lenient.spread());
    EXPECT_LT(lenient.exceptions(), 0.65 * strict.exceptions());
    EXPECT_LE(lenient.spread(), promised_spread(backends));
  }
}

TEST(ConsistentRoundRobin, ThreadsThatTrulyRaceAreSpreadEvenlyToo) {
  for (const std::size_t backends : {2, 10, 1000}) {
    Service service{members_of(backends)};
    std::vector<std::atomic<std::uint64_t>> given(backends);
    std::vector<std::jthread> workers;
    for (std::size_t w = 0; w < kWorkers; ++w)
      workers.emplace_back([&service, &given, w] {
        for (std::size_t i = w; i < kMillion; i += kWorkers)
          ++given[pick(service.schedule(), service.turns(), service.live(), flow(i)).member];
      });
    workers.clear();
    const auto [fewest, most] = std::ranges::minmax_element(given, {}, [](const auto& count) { return count.load(); });
    std::printf("N=%zu eight threads: spread=%lu\n", backends, *most - *fewest);
    EXPECT_LE(*most - *fewest, promised_spread(backends));
  }
}

// How nine requests fall on three servers that have not had any.
struct Nine {
  double even_percent = 0, five_percent = 0;
};

template <typename Next>
Nine nine_requests(const Next& next) {
  constexpr std::size_t kTrials = 100'000;
  std::size_t even = 0, five = 0;
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    const std::array<std::uint64_t, 3> given = next(trial);
    const auto [fewest, most] = std::ranges::minmax(given);
    even += most == 3 && fewest == 3 ? 1 : 0, five += most >= 5 ? 1 : 0;
  }
  return {100.0 * static_cast<double>(even) / kTrials, 100.0 * static_cast<double>(five) / kTrials};
}

TEST(ConsistentRoundRobin, NineRequestsOnThreeServersFallEvenlyInTwoOfThreeCases) {
  Service service{members_of(3)};
  const Nine turns = nine_requests([&service](std::size_t trial) {
    ServiceTurns fresh{3};
    std::array<std::uint64_t, 3> given{};
    for (std::size_t i = 0; i < 9; ++i) ++given[pick(service.schedule(), fresh, service.live(), flow(9 * trial + i)).member];
    return given;
  });
  const Nine hash = nine_requests([&service](std::size_t trial) {
    std::array<std::uint64_t, 3> given{};
    for (std::size_t i = 0; i < 9; ++i) ++given[service.schedule().candidates(flow(9 * trial + i)).first];
    return given;
  });
  // Nine in a row of a service that has been running: its turns need not be level when they begin.
  const Nine running = nine_requests([&service](std::size_t trial) {
    std::array<std::uint64_t, 3> given{};
    for (std::size_t i = 0; i < 9; ++i) ++given[service.give(flow(9 * trial + i)).member];
    return given;
  });
  std::printf("nine in the midst of many: 3/3/3 in %.1f%%, five on one in %.1f%%\n", running.even_percent, running.five_percent);
  std::printf("nine on three: 3/3/3 in %.1f%%, five on one in %.3f%%; first candidate alone: %.1f%% and %.1f%%\n", turns.even_percent,
              turns.five_percent, hash.even_percent, hash.five_percent);
  EXPECT_NEAR(turns.even_percent, 64, 2);
  EXPECT_LT(turns.five_percent, 0.1);
  EXPECT_LT(hash.even_percent, 25);
}

TEST(ConsistentRoundRobin, HeavyWeightsGetTheirShareToAFewConnections) {
  const auto hundred = [](std::size_t) -> std::uint16_t { return 100; };
  const auto one_to_hundred = [](std::size_t i) -> std::uint16_t { return i == 0 ? 1 : 100; };
  const auto hundred_to_one = [](std::size_t i) -> std::uint16_t { return i == 0 ? 100 : 1; };
  const auto mixed = [](std::size_t i) -> std::uint16_t { return static_cast<std::uint16_t>(1 + i % 7); };
  struct Case {
    const char* name;
    Weights weight;
  };
  for (const auto& [name, weight] :
       {Case{"all 100", hundred}, Case{"1:100…", one_to_hundred}, Case{"100:1…", hundred_to_one}, Case{"1…7", mixed}}) {
    for (const std::size_t backends : {2, 10, 100}) {
      Service service{members_of(backends, weight)};
      service.give_many(kMillion);
      std::printf("N=%zu weights %s: furthest from its share by %.1f connections\n", backends, name, service.furthest_from_share());
      EXPECT_LE(service.furthest_from_share(), 9);  // cap + 1
    }
  }
}

// Flows whose candidates are all the same two.
std::vector<std::uint64_t> flows_aimed_at(const Schedule& schedule, MemberIndex first, MemberIndex second, std::size_t enough) {
  std::vector<std::uint64_t> flows;
  for (std::size_t i = 0; flows.size() < enough; ++i) {
    const Candidates both = schedule.candidates(flow(i));
    if (both.first == first && both.second == second) flows.push_back(flow(i));
  }
  return flows;
}

TEST(ConsistentRoundRobin, WhoeverAimsAtOneServerGivesItNoMoreThanMeanCapAndOne) {
  for (const std::size_t backends : {2, 10, 100, 1000}) {
    Service service{members_of(backends)};
    const auto aimed = flows_aimed_at(service.schedule(), 0, 1, backends > 100 ? 4 : 64);
    double furthest = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kAdversary; ++i) {
      service.give(aimed[i % aimed.size()]);
      const double mean = static_cast<double>(i + 1) / static_cast<double>(backends);
      furthest = std::max({furthest, static_cast<double>(service.given()[0]) - mean, static_cast<double>(service.given()[1]) - mean});
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    std::printf("N=%zu all flows aimed at one pair: at most mean + %.2f, spread=%lu, %.0f ns a pick\n", backends, furthest,
                service.spread(), took.count() / kAdversary);
    EXPECT_LE(furthest, 9);
  }
}

// Knows all turns and sends, of many flows, the one that goes to whoever is ahead already.
TEST(ConsistentRoundRobin, AnAdversaryWhoKnowsEverythingGetsNoFurther) {
  constexpr std::size_t kBackends = 10;
  Service service{members_of(kBackends)};
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < kAdversary; ++i) {
    std::uint64_t worst = flow(i);
    for (std::size_t k = 0; k < 20; ++k) {
      const auto turn = [&service](std::uint64_t hash) {
        return service.turns().time(peek(service.schedule(), service.turns(), service.live(), hash).member);
      };
      if (ahead(turn(flow(i * 20 + k)), turn(worst)) > 0) worst = flow(i * 20 + k);
    }
    service.give(worst);
    most = std::ranges::max(service.given());
    ASSERT_LE(static_cast<double>(most), static_cast<double>(i + 1) / kBackends + 9);
  }
  std::printf("N=%zu adversary who knows all turns: most=%lu of mean %.0f\n", kBackends, most, double{kAdversary} / kBackends);
}

TEST(ConsistentRoundRobin, LookingTouchesNothingAndSeesWhatComes) {
  Service service{members_of(10)};
  for (std::size_t i = 0; i < 10'000; ++i) {
    const Choice seen = peek(service.schedule(), service.turns(), service.live(), flow(i));
    const Choice given = service.give(flow(i));
    ASSERT_TRUE(seen.member == given.member && seen.exception == given.exception);
  }
}

}  // namespace
}  // namespace tandem::lb_test
