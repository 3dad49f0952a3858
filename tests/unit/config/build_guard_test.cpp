// SPDX-License-Identifier: Apache-2.0
// Deny lists and limits on their way into a generation: whose they are, and what is left alone by a change.
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class Guarded : public BuilderWorld {
 protected:
  static GuardLists lists(const std::vector<std::string>& of_services) {
    GuardLists out;
    GuardView view;
    view.everywhere = std::make_shared<const PrefixRules>();
    out.view = std::make_shared<const GuardView>(std::move(view));
    for (const std::string& service : of_services) out.of_service.emplace(service, std::make_shared<const PrefixRules>());
    return out;
  }
  const BackendView& first_of(const Generation& generation, std::string_view service) {
    return view(generation, builder_.slots_of(service, std::string{service} + "-1").front());
  }
};

TEST_F(Guarded, EachServiceHasItsOwnListAndAllHaveTheOneForAll) {
  const GuardLists given = lists({"web", "no such service"});
  builder_.set_guard(given);
  const auto built = build();
  EXPECT_EQ(built->guard, given.view);
  EXPECT_EQ(service_view(*built, "192.0.2.10:80").rules, given.of("web"));
  EXPECT_EQ(service_view(*built, "192.0.2.20:25").rules, nullptr);
}

TEST_F(Guarded, AChangeOfTheListForAllRenewsNoService) {
  builder_.set_guard(lists({}));
  const auto before = build();
  builder_.set_guard(lists({}));
  const auto after = builder_.build();
  EXPECT_NE(after->guard, before->guard);
  EXPECT_EQ(after->services, before->services);
  EXPECT_EQ(after->index, before->index);
}

TEST_F(Guarded, AListThatIsNewOrGoneReachesItsService) {
  const auto before = build();
  const GuardLists given = lists({"web"});
  builder_.set_guard(given);
  EXPECT_EQ(service_view(*builder_.build(), "192.0.2.10:80").rules, given.of("web"));
  builder_.set_guard(lists({}));
  EXPECT_EQ(service_view(*builder_.build(), "192.0.2.10:80").rules, nullptr);
  EXPECT_EQ(service_view(*before, "192.0.2.10:80").schedule, service_view(*builder_.build(), "192.0.2.10:80").schedule);
}

TEST_F(Guarded, AListFollowsAServiceThatChangesItsName) {
  const GuardLists given = lists({"web", "shop"});
  builder_.set_guard(given);
  build();
  config_.service[0].name = "shop";
  EXPECT_EQ(service_view(*build(), "192.0.2.10:80").rules, given.of("shop"));
}

TEST_F(Guarded, WithoutLimitsThereIsNoMeterAndNoBit) {
  const auto built = build();
  EXPECT_EQ(service_view(*built, "192.0.2.10:80").meter, nullptr);
  EXPECT_FALSE(first_of(*built, "web").packets_limited);
  EXPECT_TRUE(builder_.meters().empty());
}

TEST_F(Guarded, AMeterIsOneForAllAddressesOfAServiceAndOutlivesAReload) {
  config_.service[0].limit = {.connections_cps = 10};
  config_.service[0].listen.push_back({ip("192.0.2.11"), 80, Protocol::tcp});
  const auto before = build();
  const auto meter = service_view(*before, "192.0.2.10:80").meter;
  ASSERT_NE(meter, nullptr);
  EXPECT_EQ(service_view(*before, "192.0.2.11:80").meter, meter);
  config_.service[0].limit = {.connections_cps = 20};
  const auto after = build();
  EXPECT_EQ(service_view(*after, "192.0.2.10:80").meter, meter);
  EXPECT_EQ(service_view(*after, "192.0.2.10:80").limits.connections_cps, 20U);
  EXPECT_EQ(service_view(*before, "192.0.2.10:80").limits.connections_cps, 10U) << "what was published is not edited";
}

TEST_F(Guarded, LimitsOfPacketsAndOnlyTheseMarkTheBackends) {
  config_.service[0].limit = {.connections_cps = 10, .source_connections_cps = 1};
  EXPECT_FALSE(first_of(*build(), "web").packets_limited);
  config_.service[0].limit.source_packets_pps = 100;
  EXPECT_TRUE(first_of(*build(), "web").packets_limited);
  EXPECT_FALSE(first_of(*build(), "mail").packets_limited);
}

TEST_F(Guarded, AFallbacksBackendsAreMarkedForWhomTheyAreLentTo) {
  config_.service[0].fallback = "mail";
  config_.service[0].limit = {.packets_pps = 100};
  EXPECT_TRUE(first_of(*build(), "mail").packets_limited);
  config_.service[0].limit = {};
  EXPECT_FALSE(first_of(*build(), "mail").packets_limited);
}

}  // namespace
}  // namespace tandem::config
