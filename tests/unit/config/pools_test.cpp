// SPDX-License-Identifier: Apache-2.0
// full-nat's source addresses in a generation: who may take ports of which, and what becomes of one that is taken out.
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class PoolsOfAGeneration : public BuilderWorld {
 protected:
  PoolsOfAGeneration() {
    config_.service[0].forwarding = ForwardingMethod::full_nat;
    config_.node.pool = {ip("10.0.0.240"), ip("10.0.0.241"), ip("2001:db8::240")};
  }
  static std::vector<IpAddress> addresses(const Generation& generation, std::span<const PoolSlot> slots) {
    std::vector<IpAddress> out;
    for (const PoolSlot slot : slots) out.push_back((*generation.pools)[index(slot)].address);
    return out;
  }
  static const VipEntry* entry(const Generation& generation, std::string_view address) { return generation.index->find_vip(ip(address)); }
  bool pass_second() {
    now_ = now_ + 1s;
    return builder_.advance(now_);
  }
};

TEST_F(PoolsOfAGeneration, AreGivenToItsFullNatServicesByFamily) {
  const auto built = build();
  const ServiceView& web = service_view(*built, "192.0.2.10:80");
  EXPECT_EQ(addresses(*built, web.pools[0]), (std::vector{ip("10.0.0.240"), ip("10.0.0.241")}));
  EXPECT_EQ(addresses(*built, web.pools[1]), (std::vector{ip("2001:db8::240")}));
  EXPECT_TRUE(service_view(*built, "192.0.2.20:25").pools[0].empty()) << "nat needs none";
  ASSERT_NE(entry(*built, "10.0.0.241"), nullptr);
  EXPECT_EQ(entry(*built, "10.0.0.241")->flags, kVipPool);
  EXPECT_EQ(entry(*built, "10.0.0.241")->group, kNoGroup);
}

TEST_F(PoolsOfAGeneration, OfAGroupMoveWithIt) {
  config_.group = {{.name = "blue", .pool = {ip("10.0.0.250")}}};
  config_.service[1].group = "blue", config_.service[1].forwarding = ForwardingMethod::full_nat;
  const auto built = build();
  EXPECT_EQ(addresses(*built, service_view(*built, "192.0.2.20:25").pools[0]), (std::vector{ip("10.0.0.250")}));
  EXPECT_EQ(entry(*built, "10.0.0.250")->group, GroupId{0});
  EXPECT_EQ(service_view(*built, "192.0.2.10:80").pools[0].size(), 2U) << "the node's are not the group's";
}

TEST_F(PoolsOfAGeneration, KeepTheirPortsThroughEveryReload) {
  const auto before = build();
  config_.service.pop_back();
  const auto after = build();
  EXPECT_EQ((*before->pools)[0].ports, (*after->pools)[0].ports);
  EXPECT_EQ(before->pools, after->pools) << "shared while nothing about them changes";
}

TEST_F(PoolsOfAGeneration, OneThatIsTakenOutStaysForTheConnectionsThatItHas) {
  const auto before = build();
  const std::shared_ptr<PortBook> ports = (*before->pools)[1].ports;
  ASSERT_TRUE(ports->claim(Protocol::tcp, 5000, {Family::ipv4, ConnHandle{1}}));
  std::erase(config_.node.pool, ip("10.0.0.241"));
  const auto after = build();
  EXPECT_EQ(addresses(*after, service_view(*after, "192.0.2.10:80").pools[0]), (std::vector{ip("10.0.0.240")}));
  ASSERT_NE(entry(*after, "10.0.0.241"), nullptr) << "replies still come to it";
  EXPECT_EQ((*after->pools)[1].ports, ports);
  pass_second();
  EXPECT_FALSE(pass_second()) << "it is in use";
  ports->release(Protocol::tcp, 5000);
  EXPECT_TRUE(pass_second());
  const auto later = build();
  EXPECT_EQ(entry(*later, "10.0.0.241"), nullptr);
  EXPECT_EQ((*later->pools)[1].ports, nullptr);
}

}  // namespace
}  // namespace tandem::config
