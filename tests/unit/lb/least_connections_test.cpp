// SPDX-License-Identifier: Apache-2.0
// least-connections: connections of different length, one after the other. Figures of docs/design/schedulers.md come from here.
#include <gtest/gtest.h>

#include <cmath>
#include <queue>
#include <random>

#include "tests/unit/lb/service.h"

namespace tandem::lb_test {
namespace {

// A service whose connections last some time; time is counted in connections begun.
class Lasting {
 public:
  explicit Lasting(std::vector<ScheduleMember> members)
      : service_{std::move(members), {.kind = SchedulerKind::least_connections}}, load_(service_.schedule().size()) {}

  Service& service() { return service_; }
  std::uint64_t load(std::size_t backend) const { return load_[service_.member(backend)]; }
  const std::vector<std::uint64_t>& loads() const { return load_; }

  Choice begin(std::uint64_t lasts) {
    end_until(++now_);
    const Choice choice =
        pick_by_load(service_.schedule(), service_.turns(), service_.live(), flow(now_), [&](MemberIndex member) { return load_[member]; });
    ++load_[choice.member];
    ends_.push({now_ + lasts, choice.member});
    return choice;
  }

  // Furthest from its weight's share of all that are live.
  double furthest() const {
    double all = 0, furthest = 0;
    for (const std::uint64_t each : load_) all += static_cast<double>(each);
    for (MemberIndex i = 0; i < load_.size(); ++i) {
      const double share = service_.schedule().members()[i].weight / static_cast<double>(service_.schedule().weight_sum());
      furthest = std::max(furthest, std::abs(static_cast<double>(load_[i]) - all * share));
    }
    return furthest;
  }

 private:
  using End = std::pair<std::uint64_t, MemberIndex>;
  void end_until(std::uint64_t now) {
    for (; !ends_.empty() && ends_.top().first <= now; ends_.pop()) --load_[ends_.top().second];
  }

  Service service_;
  std::vector<std::uint64_t> load_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  std::uint64_t now_ = 0;
};

// Most are short, one in fifty is a hundred times as long: what makes turns and hashes uneven.
std::uint64_t some_time(std::mt19937& chance) { return chance() % 50 == 0 ? 20'000 : 200; }

TEST(LeastConnections, LiveConnectionsStayEvenHoweverLongEachLasts) {
  std::mt19937 chance{7};
  for (const std::size_t backends : {2, 3, 10}) {
    Lasting lasting{members_of(backends)};
    double furthest = 0, exceptions = 0;
    for (std::size_t i = 0; i < 200'000; ++i) {
      exceptions += lasting.begin(some_time(chance)).exception ? 1 : 0;
      if (i > 50'000) furthest = std::max(furthest, lasting.furthest());
    }
    std::printf("N=%zu least-connections: furthest from an even load by %.1f, exceptions %.1f%%\n", backends, furthest, exceptions / 2e3);
    EXPECT_LE(furthest, 12);
    EXPECT_NEAR(exceptions / 2e3, 30, 20);
  }
}

TEST(LeastConnections, LoadsFollowWeights) {
  std::mt19937 chance{8};
  Lasting lasting{members_of(3, [](std::size_t i) -> std::uint16_t { return i == 0 ? 4 : 1; })};
  for (std::size_t i = 0; i < 100'000; ++i) lasting.begin(some_time(chance));
  double all = 0;
  for (const std::uint64_t each : lasting.loads()) all += static_cast<double>(each);
  EXPECT_NEAR(static_cast<double>(lasting.load(0)) / all, 4.0 / 6, 0.04);
}

TEST(LeastConnections, WithNothingLiveTheScheduleAloneWouldChooseTheSame) {
  Lasting idle{members_of(10)};
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_FALSE(idle.begin(0).exception);
}

TEST(LeastConnections, WhoIsDownGetsNothingAndComesBackToItsShare) {
  Lasting lasting{members_of(10)};
  for (std::size_t i = 0; i < 20'000; ++i) lasting.begin(1000);
  lasting.service().set_down({4});
  for (std::size_t i = 0; i < 20'000; ++i) lasting.begin(1000);
  EXPECT_EQ(lasting.load(4), 0u);
  lasting.service().set_down({});
  for (std::size_t i = 0; i < 2'000; ++i) lasting.begin(1000);
  EXPECT_NEAR(static_cast<double>(lasting.load(4)), 100, 12);
}

TEST(LeastConnections, InSlowStartALoadCountsAsManyTimesAsTheWeightIsDivided) {
  for (const std::uint32_t parts : {16, 4, 2, 1}) {
    Lasting lasting{members_of(10)};
    lasting.service().turns().set_scale(lasting.service().member(0), parts * kFullShare);
    for (std::size_t i = 0; i < 50'000; ++i) lasting.begin(10'000);
    const double expected = 10'000.0 / (9.0 * parts + 1);
    std::printf("N=10, one in slow start at 1/%u: %lu live (%.0f expected)\n", parts, lasting.load(0), expected);
    EXPECT_NEAR(static_cast<double>(lasting.load(0)), expected, 12);
  }
}

}  // namespace
}  // namespace tandem::lb_test
