// SPDX-License-Identifier: Apache-2.0
// Slow start over time: who begins with a small share, how it grows, and that it publishes nothing.
#include "dataplane/lb/pick.h"
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class SlowStarting : public BuilderWorld {
 protected:
  SlowStarting() { config_.service[0].slow_start = 30s; }

  // As the daemon does it, once a second. False: there was nothing to publish in all that time.
  bool pass(std::chrono::seconds wait) {
    bool changed = false;
    for (const Instant end = now_ + wait; now_ < end; now_ = now_ + 1s) changed |= builder_.advance(now_);
    return changed | builder_.advance(now_);
  }
  void set(std::string_view backend, const BackendDynamic& dynamic) {
    builder_.set_state("web", backend, dynamic);
    latest_ = builder_.build();
  }
  const ServiceView& web() const { return service_view(*latest_, "192.0.2.10:80"); }
  MemberIndex member(std::string_view backend) {
    return static_cast<MemberIndex>(std::ranges::find(web().members, slot("web", backend)) - web().members.begin());
  }
  std::uint32_t scale(std::string_view backend) { return web().turns->scale(member(backend)); }

  // Of as many connections, by the schedule and turns as they are now.
  double share(std::string_view backend, std::size_t connections = 3000) {
    std::size_t given = 0;
    for (std::size_t i = 0; i < connections; ++i)
      given += pick(*web().schedule, *web().turns, *web().live, ++flow_ * 0x9e3779b97f4a7c15).member == member(backend) ? 1 : 0;
    return static_cast<double>(given) / static_cast<double>(connections);
  }
  // Beside two of weight 1, one of `parts` times less.
  static double one_beside_two(double parts) { return 1 / (1 + 2 * parts); }

  std::unique_ptr<Generation> latest_;
  std::uint64_t flow_ = 0;
};

TEST_F(SlowStarting, AServiceThatBeginsHasNoneThatIsNew) {
  latest_ = build();
  for (const char* backend : {"web-1", "web-2", "web-3"}) EXPECT_EQ(scale(backend), kFullShare) << backend;
}

TEST_F(SlowStarting, WhoComesUpGrowsInAStraightLineWithoutAPublication) {
  for (const SchedulerKind kind : {SchedulerKind::consistent_round_robin, SchedulerKind::round_robin}) {
    config_.service[0].scheduler = kind;
    latest_ = build();
    set("web-1", {.check_up = false});
    share("web-2");
    set("web-1", {});
    EXPECT_EQ(scale("web-1"), kSlowStartMost);
    EXPECT_NEAR(share("web-1"), one_beside_two(16), 0.01) << "a sixteenth before the clock has moved";
    EXPECT_FALSE(pass(10s));
    EXPECT_NEAR(share("web-1"), one_beside_two(3), 0.01) << "a third after a third of the time";
    EXPECT_FALSE(pass(10s));
    EXPECT_NEAR(share("web-1"), one_beside_two(1.5), 0.01);
    EXPECT_FALSE(pass(10s));
    EXPECT_EQ(scale("web-1"), kFullShare);
    EXPECT_NEAR(share("web-1"), one_beside_two(1), 0.01);
  }
}

TEST_F(SlowStarting, ANewBackendBesideOthersBeginsSlowlyAndGoesOnThroughAReload) {
  latest_ = build();
  config_.service[0].backend.push_back(backend("web-4", "10.0.0.14:80"));
  latest_ = build();
  EXPECT_EQ(scale("web-4"), kSlowStartMost);
  EXPECT_EQ(scale("web-1"), kFullShare);
  pass(15s);
  EXPECT_EQ(scale("web-4"), 2 * kFullShare);
  configured(0, 0).weight = 2;
  latest_ = build();
  EXPECT_EQ(scale("web-4"), 2 * kFullShare) << "turns were made anew, its place in the ramp was not";
  pass(15s);
  EXPECT_EQ(scale("web-4"), kFullShare);
}

TEST_F(SlowStarting, WhoWasDrainedServedAllTheTimeAndIsNotSlow) {
  latest_ = build();
  set("web-1", {.admin = AdminState::draining});
  set("web-1", {});
  EXPECT_EQ(scale("web-1"), kFullShare);
  set("web-1", {.admin = AdminState::disabled});
  set("web-1", {});
  EXPECT_EQ(scale("web-1"), kSlowStartMost) << "disabled: it may have been started anew meanwhile";
}

TEST_F(SlowStarting, WhoGoesDownInItsRampBeginsAgain) {
  latest_ = build();
  set("web-1", {.check_up = false});
  set("web-1", {});
  pass(20s);
  set("web-1", {.check_up = false});
  set("web-1", {});
  EXPECT_EQ(scale("web-1"), kSlowStartMost);
  pass(30s);
  EXPECT_EQ(scale("web-1"), kFullShare);
}

TEST_F(SlowStarting, WithoutItNobodyIsSlowAndWhatRunsEndsWhenItIsTakenAway) {
  latest_ = build();
  set("web-1", {.check_up = false});
  set("web-1", {});
  config_.service[0].slow_start = 0s;
  latest_ = build();
  pass(1s);
  EXPECT_EQ(scale("web-1"), kFullShare);
  set("web-2", {.check_up = false});
  set("web-2", {});
  EXPECT_EQ(scale("web-2"), kFullShare);
}

}  // namespace
}  // namespace tandem::config
