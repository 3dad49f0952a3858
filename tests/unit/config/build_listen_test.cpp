// SPDX-License-Identifier: Apache-2.0
// Prefixes, ranges and backends without a port, as the workers get them.
#include "controlplane/config/announced.h"
#include "controlplane/config/units.h"
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

Listen listen(std::uint8_t host_bits, std::uint16_t port, std::uint16_t more, std::string_view address = "192.0.2.64") {
  return {ip(address), port, Protocol::tcp, more, host_bits};
}

class BuildingListens : public BuilderWorld {
 protected:
  ServiceId asked(std::string_view address, std::uint16_t port) { return last_->index->find_service(ip(address), Protocol::tcp, port); }
  void make() { last_ = build(); }
  std::unique_ptr<Generation> last_;
};

TEST_F(BuildingListens, ARangeOfAPrefixIsOneServiceWhoseBackendsKeepThePort) {
  config_.service[0].listen = {listen(4, 8000, 99)};
  for (Backend& each : config_.service[0].backend) each.address.port = 0;
  make();
  const ServiceId id = asked("192.0.2.70", 8042);
  ASSERT_NE(id, kNoService);
  EXPECT_EQ(asked("192.0.2.80", 8042), kNoService);
  EXPECT_EQ(last_->services->at(index(id)).more_ports, 99);
  EXPECT_EQ(view(*last_, slot("web", "web-1")).port, 0);
  EXPECT_EQ(last_->services->at(index(id)).by_address->find({ip("10.0.0.11"), 8042}), slot("web", "web-1")) << "as the peer tells it";
  const NatBackendEntry* reply = nat_backend(*last_, "10.0.0.11:8042");
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->service, kNoService) << "of which VIP of the prefix it does not say";
  EXPECT_EQ(nat_backend(*last_, "10.0.0.11:8100"), nullptr);
}

TEST_F(BuildingListens, AtOnePortABackendWithoutOneIsTheSame) {
  const auto named = build();
  const std::uint64_t version = service_view(*named, "192.0.2.10:80").schedule->version();
  GenerationBuilder other{seed_, 2};
  for (Backend& each : config_.service[0].backend) each.address.port = 0;
  const auto open = build(other);
  EXPECT_EQ(service_view(*open, "192.0.2.10:80").schedule->version(), version);
  EXPECT_EQ(nat_backend(*open, "10.0.0.11:80")->service, service_id(*open, "192.0.2.10:80"));
}

// .65 is the kernel's, .66 a router: neither is known to the file.
TEST_F(BuildingListens, WhatAnswersForItselfIsNoVip) {
  config_.service[0].listen = {listen(4, 80, 0)};
  network_.lans[0].addresses.push_back(prefix("192.0.2.65/24"));
  make();
  EXPECT_EQ(last_->index->find_vip(ip("192.0.2.65")), nullptr);
  EXPECT_NE(last_->index->find_vip(ip("192.0.2.66")), nullptr);
  network_.lans[0].routes.push_back({prefix("198.51.100.0/24"), ip("192.0.2.66"), 0});
  builder_.set_network(network_);
  last_ = builder_.build();
  EXPECT_EQ(last_->index->find_vip(ip("192.0.2.66")), nullptr) << "as soon as the kernel says so";
}

TEST_F(BuildingListens, AVipWithinATwoWayPrefixIsNotOneWay) {
  config_.service[0].listen = {listen(0, 80, 0, "192.0.2.70")}, config_.service[0].forwarding = ForwardingMethod::l2_dsr;
  make();
  EXPECT_EQ(last_->index->find_vip(ip("192.0.2.70"))->flags, kVipOneWay);
  config_.service[1].listen = {listen(4, 0, 0xffff)};
  make();
  EXPECT_EQ(last_->index->find_vip(ip("192.0.2.70"))->flags, 0) << "another port of it may be nat's, whose replies must meet it";
}

TEST(NatBackends, OverlappingRangesProveNothingAndLoseNoPort) {
  const auto entry = [](std::uint16_t first, std::uint16_t more, std::uint16_t service, std::uint32_t groups) {
    return NatBackendEntry{ip("10.0.0.1"), Protocol::tcp, first, static_cast<ServiceId>(service), BackendSlot{service}, groups, more};
  };
  const auto entries = one_entry_each({entry(8000, 99, 1, 1), entry(8050, 99, 2, 2), entry(8200, 9, 3, 4), entry(8010, 0, 4, 8),
                                       entry(0, 0xffff, 5, 16), entry(9000, 0, 6, 32)})
                           .entries;
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_EQ(entries[0].ports(), (PortRange{8010, 0}));
  EXPECT_EQ(entries[2].ports(), (PortRange{8000, 149}));
  EXPECT_EQ(entries[3].ports(), (PortRange{8200, 9}));
  EXPECT_TRUE(entries[4].ports().is_all());
  EXPECT_EQ(entries[4].service, ServiceId{5}) << "what no narrower one has";
  EXPECT_EQ(entries[0].groups, 8U | 1U | 2U | 16U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(entries[i].service, kNoService) << i;
}

TEST(NatBackends, ServicesThatShareAWholeRangeAreToldApartUnlessOneProvesNothing) {
  const auto entry = [](std::uint16_t first, ServiceId service, std::uint32_t groups) {
    return NatBackendEntry{ip("10.0.0.1"), Protocol::tcp, first, service, BackendSlot{7}, groups, 9};
  };
  const NatBackends made = one_entry_each(
      {entry(8000, ServiceId{1}, 1), entry(9000, ServiceId{3}, 1), entry(8000, ServiceId{2}, 2), entry(9000, kNoService, 4)});
  ASSERT_EQ(made.entries.size(), 2U);
  EXPECT_EQ(made.entries[0].service, kNoService);
  EXPECT_EQ(made.entries[0].groups, 1U | 2U);
  ASSERT_EQ(made.entries[0].sharers, 2U);
  EXPECT_EQ(made.sharers[made.entries[0].first_sharer + 1].service, ServiceId{2});
  EXPECT_EQ(made.entries[1].sharers, 0U) << "a reply may be of the one whose VIP it does not tell";
  EXPECT_EQ(made.entries[1].groups, 1U | 4U);
}

TEST(Announced, ABlockIsAnnouncedWholeAndALargeOneByItsFirst) {
  EXPECT_EQ(announced_addresses(prefix("192.0.2.10/32")), std::vector{ip("192.0.2.10")});
  const auto block = announced_addresses(prefix("192.0.2.64/28"));
  ASSERT_EQ(block.size(), 16U);
  EXPECT_EQ(block.front(), ip("192.0.2.64"));
  EXPECT_EQ(block.back(), ip("192.0.2.79"));
  EXPECT_EQ(announced_addresses(prefix("2001:db8::40/122")).size(), 64U);
  EXPECT_EQ(announced_addresses(prefix("2001:db8::/64")), std::vector{ip("2001:db8::")});
}

TEST_F(BuildingListens, AGroupAnnouncesItsBlockButNotARouterWithin) {
  config_.ha = Ha{};
  config_.group = {{.name = "blue", .vrid = {{{"outside", 0}, 10}}}};
  config_.service[0].group = "blue", config_.service[0].listen = {listen(2, 80, 0, "192.0.2.252")};  // the gateway is .254
  make();
  const PairView pair = builder_.pair();
  EXPECT_EQ(pair.groups.at(0).lans.at(0).addresses, (std::vector{ip("192.0.2.252"), ip("192.0.2.253"), ip("192.0.2.255")}));
  EXPECT_EQ(last_->index->find_vip(ip("192.0.2.253"))->group, GroupId{0});
}

}  // namespace
}  // namespace tandem::config
