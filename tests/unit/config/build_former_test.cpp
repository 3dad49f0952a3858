// SPDX-License-Identifier: Apache-2.0
// A service's former schedule: for whom it is kept, how long, and who in it still forwards.
#include "dataplane/lb/schedule.h"
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class Former : public BuilderWorld {
 protected:
  std::shared_ptr<const FormerSchedule> former(const Generation& generation) { return service_view(generation, "192.0.2.10:80").former; }
  std::unique_ptr<Generation> after(std::chrono::nanoseconds wait) {
    now_ = now_ + wait;
    builder_.advance(now_);
    return builder_.build();
  }
  std::unique_ptr<Generation> with_weight(std::uint16_t weight) {
    builder_.set_state("web", "web-1", {.weight = weight});
    return builder_.build();
  }
};

TEST_F(Former, AServiceThatBeginsHasNone) { EXPECT_EQ(former(*build()), nullptr); }

TEST_F(Former, AStateMakesNoNewSchedule) {
  build();
  builder_.set_state("web", "web-1", {.check_up = false});
  EXPECT_EQ(former(*builder_.build()), nullptr);
}

TEST_F(Former, AWeightDoesAndTheOneBeforeIsKeptForAQuarterOfAnHour) {
  const auto first = build();
  const auto changed = with_weight(7);
  ASSERT_NE(former(*changed), nullptr);
  EXPECT_EQ(former(*changed)->schedule, service_view(*first, "192.0.2.10:80").schedule);
  EXPECT_EQ(former(*changed)->members, service_view(*first, "192.0.2.10:80").members);
  after(1s);
  EXPECT_NE(former(*after(kFormerScheduleKept - 1s)), nullptr);
  EXPECT_EQ(former(*after(1s)), nullptr);
}

TEST_F(Former, OfSeveralChangesTheLastTwoVersionsAreKept) {
  build();
  const auto second = with_weight(7);
  after(10min);
  const auto third = with_weight(9);
  EXPECT_EQ(former(*third)->schedule, service_view(*second, "192.0.2.10:80").schedule);
  after(1s);
  EXPECT_NE(former(*after(10min)), nullptr) << "its time began with the last change";
}

TEST_F(Former, WhoHasLeftIsInItWhileItForwards) {
  build();
  const BackendSlot left = slot("web", "web-2");
  config_.service[0].backend.erase(config_.service[0].backend.begin() + 1);
  const auto gone = build();
  EXPECT_EQ(std::ranges::count(former(*gone)->members, left), 1);
  EXPECT_EQ(std::ranges::count(former(*after(60s))->members, left), 1) << "its connections are being ended";
  const auto cut = after(60s);
  EXPECT_EQ(std::ranges::count(former(*cut)->members, left), 0);
  EXPECT_EQ(std::ranges::count(former(*cut)->members, kNoBackend), 1);
}

TEST_F(Former, TheSameBackendsAgainAreNoChange) {
  build();
  std::ranges::reverse(config_.service[0].backend);
  EXPECT_EQ(former(*build()), nullptr);
}

}  // namespace
}  // namespace tandem::config
