// SPDX-License-Identifier: Apache-2.0
// What a change rebuilds, and what generations share: parts are compared by pointer.
#include "controlplane/config/build.h"

#include <random>

#include "dataplane/lb/owner.h"
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class Building : public BuilderWorld {};

TEST_F(Building, TheFirstGenerationHoldsEverything) {
  const auto first = build();
  EXPECT_EQ(first->ports->size(), 2u);
  EXPECT_EQ(first->ports->at(1).addresses, std::vector{prefix("10.0.0.1/24")});
  EXPECT_NE(first->index->find_vip(ip("192.0.2.10")), nullptr);
  const ServiceView& web = service_view(*first, "192.0.2.10:80");
  EXPECT_TRUE(web.used);
  EXPECT_EQ(web.schedule->size(), 3u);
  EXPECT_EQ(web.live->count(), 3u);
  ASSERT_EQ(web.members.size(), 3u);
  for (MemberIndex i = 0; i < 3; ++i) EXPECT_EQ(web.members[i], web.schedule->slot_of(i));
  const BackendView& one = view(*first, slot("web", "web-1"));
  EXPECT_EQ(one.address, ip("10.0.0.11"));
  EXPECT_EQ(one.port, 80);
  EXPECT_EQ(one.service, service_id(*first, "192.0.2.10:80"));
  EXPECT_EQ(one.state, BackendState::up);
}

TEST_F(Building, OwnersAreSpreadEvenlyOverTheWorkers) {
  const auto built = build();
  EXPECT_EQ(std::ranges::count(built->owners, WorkerId{0}), 128);
  EXPECT_EQ(std::ranges::count(built->owners, WorkerId{1}), 128);
  EXPECT_NE(built->keys.table.k0, built->keys.schedule.k0) << "a key for each purpose";
}

TEST_F(Building, TheSameInputsAgainShareEveryPart) {
  const auto before = build(), after = build();
  EXPECT_EQ(before->ports, after->ports);
  EXPECT_EQ(before->index, after->index);
  EXPECT_EQ(before->services, after->services);
  EXPECT_EQ(before->backends, after->backends);
  EXPECT_EQ(before->backend_hops, after->backend_hops);
  EXPECT_EQ(before->adjacencies, after->adjacencies);
  EXPECT_EQ(before->routes, after->routes);
  EXPECT_EQ(before->known_sources, after->known_sources);
  EXPECT_EQ(before->route_version, after->route_version);
}

TEST_F(Building, AStateChangeRebuildsOneLiveSetAndTheViewsAlone) {
  const auto before = build();
  ASSERT_TRUE(builder_.set_state("web", "web-2", {.check_up = false}));
  const auto after = builder_.build();
  EXPECT_EQ(view(*after, slot("web", "web-2")).state, BackendState::down);
  EXPECT_EQ(view(*before, slot("web", "web-2")).state, BackendState::up) << "what was published is not edited";
  EXPECT_EQ(view(*after, slot("web", "web-1")).state, BackendState::up);

  const ServiceView &was = service_view(*before, "192.0.2.10:80"), &is = service_view(*after, "192.0.2.10:80");
  EXPECT_EQ(was.schedule, is.schedule);
  EXPECT_EQ(was.turns, is.turns);
  EXPECT_EQ(is.live->count(), 2u);
  EXPECT_EQ(was.live->count(), 3u);
  EXPECT_EQ(service_view(*before, "192.0.2.20:25").live, service_view(*after, "192.0.2.20:25").live) << "another service's";
  EXPECT_EQ(before->index, after->index);
  EXPECT_EQ(before->routes, after->routes);
  EXPECT_EQ(before->adjacencies, after->adjacencies);
  EXPECT_EQ(before->backend_hops, after->backend_hops);
  EXPECT_EQ(before->known_sources, after->known_sources);
  EXPECT_EQ(before->ports, after->ports);
}

TEST_F(Building, ANewMacRebuildsTheAdjacenciesAlone) {
  const auto before = build();
  network_.lans[1].neighbours[0].mac = mac(99);
  builder_.set_network(network_);
  const auto after = builder_.build();
  EXPECT_EQ(hop(*after, slot("web", "web-1")).target, mac(99));
  EXPECT_EQ(hop(*before, slot("web", "web-1")).target, mac(11));
  EXPECT_EQ(before->services, after->services);
  EXPECT_EQ(before->backends, after->backends);
  EXPECT_EQ(before->index, after->index);
  EXPECT_EQ(before->routes, after->routes);
  EXPECT_EQ(before->route_version, after->route_version) << "what entries remember is still right";
}

TEST_F(Building, AWeightRebuildsItsServicesScheduleAlone) {
  const auto before = build();
  configured(0, 0).weight = 5;
  const auto after = build();
  EXPECT_NE(service_view(*before, "192.0.2.10:80").schedule, service_view(*after, "192.0.2.10:80").schedule);
  EXPECT_NE(service_view(*before, "192.0.2.10:80").schedule->version(), service_view(*after, "192.0.2.10:80").schedule->version());
  EXPECT_EQ(service_view(*before, "192.0.2.20:25").schedule, service_view(*after, "192.0.2.20:25").schedule);
  EXPECT_EQ(before->routes, after->routes);
}

TEST_F(Building, AWeightOverrideCountsInsteadOfTheConfiguredOneAndZeroLeavesTheSchedule) {
  build();
  builder_.set_state("web", "web-1", {.weight = 7});
  const auto heavier = builder_.build();
  const ServiceView& web = service_view(*heavier, "192.0.2.10:80");
  const auto member = std::ranges::find(web.members, slot("web", "web-1")) - web.members.begin();
  EXPECT_EQ(web.schedule->members()[static_cast<std::size_t>(member)].weight, 7);

  builder_.set_state("web", "web-1", {.weight = 0});
  const auto drained = builder_.build();
  EXPECT_EQ(service_view(*drained, "192.0.2.10:80").schedule->size(), 2u);
  EXPECT_EQ(view(*drained, slot("web", "web-1")).state, BackendState::up) << "it keeps its slot and its connections";

  builder_.set_state("web", "web-1", {});
  EXPECT_EQ(service_view(*builder_.build(), "192.0.2.10:80").schedule->size(), 3u);
}

TEST_F(Building, TurnsAreCarriedOverByBackendNotByPlace) {
  const auto before = build();
  const ServiceView& was = service_view(*before, "192.0.2.10:80");
  for (MemberIndex i = 0; i < 3; ++i) was.turns->set_time(i, (i + 1) * kTurn);
  was.turns->shift_mean(2 * static_cast<std::int64_t>(kTurn));
  config_.service[0].backend.insert(config_.service[0].backend.begin(), backend("web-0", "10.0.0.10:80"));
  const auto after = build();
  const ServiceView& is = service_view(*after, "192.0.2.10:80");
  ASSERT_EQ(is.schedule->size(), 4u);
  for (MemberIndex i = 0; i < 3; ++i) {
    const MemberIndex now = is.schedule->find(was.schedule->members()[i].identity);
    ASSERT_NE(now, kNoMember);
    EXPECT_EQ(is.turns->time(now), (i + 1) * kTurn) << "member " << i;
  }
}

TEST_F(Building, WhoComesBackUpStartsAtTheMean) {
  const auto first = build();
  builder_.set_state("web", "web-1", {.check_up = false});
  const auto down = builder_.build();
  const ServiceView& web = service_view(*down, "192.0.2.10:80");
  const auto back = static_cast<MemberIndex>(std::ranges::find(web.members, slot("web", "web-1")) - web.members.begin());
  for (MemberIndex i = 0; i < 3; ++i)
    if (i != back) web.turns->set_time(i, 100 * kTurn);
  web.turns->shift_mean(100 * static_cast<std::int64_t>(kTurn));
  EXPECT_EQ(web.turns->time(back), 0u);
  builder_.set_state("web", "web-1", {});
  builder_.build();
  EXPECT_EQ(web.turns->time(back), 100 * kTurn) << "or it would get the next hundred connections alone";
}

TEST_F(Building, ABackendIsFoundByItsAddressWhileItForwards) {
  const auto found = [&](const char* address) {
    return service_view(*builder_.build(), "192.0.2.10:80").by_address->find(endpoint(address));
  };
  build();
  const BackendSlot second = slot("web", "web-2");
  EXPECT_EQ(found("10.0.0.12:80"), second);
  EXPECT_EQ(found("10.0.0.12:81"), kNoBackend);
  EXPECT_EQ(found("10.0.0.21:25"), kNoBackend) << "another service's";
  config_.service[0].backend.erase(config_.service[0].backend.begin() + 1);
  build();
  EXPECT_EQ(found("10.0.0.12:80"), second) << "gone, but its connections go on";
  builder_.advance(now_ + std::chrono::hours{1});
  EXPECT_EQ(found("10.0.0.12:80"), second) << "they are being ended, by answers to whatever they still send";
  builder_.advance(now_ + std::chrono::hours{2});
  EXPECT_EQ(found("10.0.0.12:80"), kNoBackend);
}

TEST_F(Building, StatesOfOverlayAndChecksCombine) {
  build();
  const auto state_with = [&](const BackendDynamic& dynamic) {
    builder_.set_state("web", "web-1", dynamic);
    const auto built = builder_.build();
    const bool live = service_view(*built, "192.0.2.10:80").live->count() == 3;
    EXPECT_EQ(live, view(*built, slot("web", "web-1")).state == BackendState::up);
    return view(*built, slot("web", "web-1")).state;
  };
  EXPECT_EQ(state_with({.admin = AdminState::draining}), BackendState::draining);
  EXPECT_EQ(state_with({.admin = AdminState::draining, .check_up = false}), BackendState::down);
  EXPECT_EQ(state_with({.admin = AdminState::disabled, .check_up = false}), BackendState::disabled);
  EXPECT_EQ(state_with({.check_up = false}), BackendState::down);
  EXPECT_EQ(state_with({}), BackendState::up);
  EXPECT_FALSE(builder_.set_state("web", "web-9", {})) << "an overlay's orphan";
}

TEST_F(Building, AStateSurvivesAReload) {
  build();
  builder_.set_state("web", "web-1", {.admin = AdminState::draining});
  configured(0, 1).weight = 9;
  EXPECT_EQ(view(*build(), slot("web", "web-1")).state, BackendState::draining);
}

TEST_F(Building, OneNameDrainsTheBackendOfAllListenEntries) {
  config_.service[0].listen.push_back({ip("192.0.2.10"), 443, Protocol::tcp});
  build();
  EXPECT_EQ(builder_.slots_of("web", "web-1").size(), 2u);
  builder_.set_state("web", "web-1", {.admin = AdminState::draining});
  const auto built = builder_.build();
  for (const char* vip : {"192.0.2.10:80", "192.0.2.10:443"}) EXPECT_EQ(service_view(*built, vip).live->count(), 2u) << vip;
}

// Two nodes read the same file, perhaps in another order, with other slots behind them.
TEST_F(Building, TwoBuildersGivenShuffledOrdersMakeTheSameSchedules) {
  config_.service.clear();
  for (int s = 0; s < 3; ++s) {
    const std::string n = std::to_string(s);
    config_.service.push_back(service(std::string{"s"}.append(n), std::string{"192.0.2.3"}.append(n).append(":80"), {}));
    for (int b = 1; b < 20; ++b) {
      const IpAddress address = Ipv4Address{Be32{0x0a000000u + static_cast<std::uint32_t>(s << 8 | b)}};
      config_.service.back().backend.push_back({std::to_string(b), {address, 80}, static_cast<std::uint16_t>(1 + b % 3)});
    }
  }
  const auto one = build();
  std::mt19937 chance{5};
  std::ranges::shuffle(config_.service, chance);
  for (Service& each : config_.service) std::ranges::shuffle(each.backend, chance);
  GenerationBuilder other{seed_, 2};
  const auto two = build(other);
  for (const char* vip : {"192.0.2.30:80", "192.0.2.31:80", "192.0.2.32:80"}) {
    const ServiceView &a = service_view(*one, vip), &b = service_view(*two, vip);
    EXPECT_EQ(a.schedule->version(), b.schedule->version());
    for (std::uint64_t flow = 0; flow < 2000; ++flow) {
      const std::uint64_t hash = chance() * 0x9e3779b97f4a7c15 + flow;
      const BackendView& first = view(*one, a.schedule->slot_of(a.schedule->candidates(hash).first));
      ASSERT_EQ(first.address, view(*two, b.schedule->slot_of(b.schedule->candidates(hash).first)).address);
      const BackendView& second = view(*one, a.schedule->slot_of(a.schedule->candidates(hash).second));
      ASSERT_EQ(second.address, view(*two, b.schedule->slot_of(b.schedule->candidates(hash).second)).address);
    }
  }
  GenerationBuilder stranger{HashSeed{9}, 2};
  EXPECT_NE(service_view(*one, "192.0.2.30:80").schedule->version(), service_view(*build(stranger), "192.0.2.30:80").schedule->version());
}

TEST_F(Building, AServicesIdStaysWhileItsListenEntryLives) {
  const ServiceId web = service_id(*build(), "192.0.2.10:80"), mail = service_id(*build(), "192.0.2.20:25");
  std::ranges::reverse(config_.service);
  config_.service.insert(config_.service.begin(), service("new", "192.0.2.30:80", {backend("n", "10.0.0.30:80")}));
  config_.service.back().name = "renamed";
  const auto after = build();
  EXPECT_EQ(service_id(*after, "192.0.2.10:80"), web);
  EXPECT_EQ(service_id(*after, "192.0.2.20:25"), mail);
  EXPECT_EQ(builder_.slots_of("renamed", "web-1").size(), 1u);
  EXPECT_TRUE(builder_.slots_of("web", "web-1").empty());
}

TEST_F(Building, AVipIsOneWayOnlyWhenAllItsServicesAre) {
  config_.service[0].forwarding = ForwardingMethod::l2_dsr;
  EXPECT_EQ(build()->index->find_vip(ip("192.0.2.10"))->flags, kVipOneWay);
  EXPECT_EQ(build()->index->find_vip(ip("192.0.2.20"))->flags, 0);
  config_.service[1].listen[0].address = ip("192.0.2.10");
  EXPECT_EQ(build()->index->find_vip(ip("192.0.2.10"))->flags, 0) << "the nat service of the same VIP has replies";
}

TEST_F(Building, ATunnelLeadsToEachBackendOfAServiceThatAsksForIt) {
  EXPECT_TRUE(build()->tunnels->empty()) << "nobody is behind one";
  config_.service[0].forwarding = ForwardingMethod::gue;
  config_.service[0].tunnel_source = {prefix("2001:db8::/64"), prefix("198.51.100.0/24")};
  const auto built = build();
  const TunnelView& tunnel = built->tunnels->at(index(slot("web", "web-2")));
  EXPECT_EQ(tunnel, make_tunnel({TunnelKind::gue_direct, Family::ipv4, prefix("198.51.100.0/24"), ip("10.0.0.12"), kGuePort}));
  EXPECT_EQ(built->tunnels->at(index(slot("mail", "mail-1"))).bytes, 0);
  EXPECT_EQ(build()->tunnels, built->tunnels) << "shared while nothing about it changes";
}

TEST_F(Building, AConnectionKeepsItsTunnelWhenItsServiceIsForwardedOtherwise) {
  config_.service[0].forwarding = ForwardingMethod::ipip;
  config_.service[0].tunnel_source = {prefix("198.51.100.0/24")};
  const auto before = build();
  config_.service[0].forwarding = ForwardingMethod::nat, config_.service[0].tunnel_source.clear();
  const BackendSlot web = slot("web", "web-1");
  EXPECT_EQ(build()->tunnels->at(index(web)), before->tunnels->at(index(web)));
}

TEST_F(Building, ABackendThatSeveralNatServicesShareProvesNone) {
  config_.service[1].backend.push_back(backend("shared", "10.0.0.11:80"));
  const auto built = build();
  ASSERT_NE(nat_backend(*built, "10.0.0.11:80"), nullptr);
  EXPECT_EQ(nat_backend(*built, "10.0.0.11:80")->service, kNoService);
  EXPECT_EQ(nat_backend(*built, "10.0.0.12:80")->service, service_id(*built, "192.0.2.10:80"));
  EXPECT_EQ(nat_backend(*built, "10.0.0.12:80")->slot, slot("web", "web-2"));
  config_.service[1].forwarding = ForwardingMethod::l2_dsr;
  EXPECT_EQ(nat_backend(*build(), "10.0.0.11:80")->service, service_id(*built, "192.0.2.10:80")) << "l2-dsr has no replies";
}

TEST_F(Building, TwoServicesOnOneListenEntryAreRefusedAndNothingChanges) {
  const auto before = build();
  config_.service[1].listen = config_.service[0].listen;
  const Result<> refused = builder_.set_config(config_, now_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("192.0.2.10:80"), std::string::npos) << refused.error().message;
  EXPECT_EQ(builder_.build()->services, before->services);
}

TEST_F(Building, MoreBackendsThanSlotsAreRefusedAndNothingChanges) {
  GenerationBuilder small{seed_, 1, {.slots = 6}};
  const auto before = build(small);
  config_.service[0].backend.push_back(backend("web-4", "10.0.0.14:80"));
  ASSERT_TRUE(small.set_config(config_, now_)) << "the sixth";
  config_.service[0].backend.push_back(backend("web-5", "10.0.0.15:80"));
  const Result<> refused = small.set_config(config_, now_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("1 new backends, but room for 0"), std::string::npos) << refused.error().message;
  EXPECT_EQ(small.slots_of("web", "web-4").size(), 1u);
  EXPECT_TRUE(small.slots_of("web", "web-5").empty());
}

}  // namespace
}  // namespace tandem::config
