// SPDX-License-Identifier: Apache-2.0
// Addresses on VLANs of a port, and which LAN gateways and neighbours then belong to.
#include "controlplane/config/lan.h"
#include "controlplane/config/resolve.h"
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

constexpr std::string_view kPort = R"([[port]]
name = "outside"
device = "memif:/run/m.sock"
vlan = [10, 20]
rss = "source"
address = ["192.0.2.1/24", "10.0.10.1/24@10", "fd00:20::1/64@20"]
route = { "0.0.0.0/0" = "10.0.10.254", "10.9.0.0/16" = "192.0.2.9" }
neighbour = { "10.0.10.11" = "02:00:00:00:00:11", "192.0.2.9" = "02:00:00:00:00:09", "fd00:20::11" = "02:00:00:00:00:21" }
)";

const LanState* lan_of(const Network& network, std::uint16_t vlan) {
  for (const LanState& lan : network.lans)
    if (lan.lan == Lan{PortId{0}, vlan}) return &lan;
  return nullptr;
}

TEST(VlanAddress, IsReadAndShownWithItsTag) {
  EXPECT_EQ(parse_own("10.0.0.1/24")->vlan, 0);
  EXPECT_EQ(parse_own("10.0.10.1/24@10")->vlan, 10);
  EXPECT_EQ(to_string(*parse_own("fd00:20::1/64@4094")), "fd00:20::1/64@4094");
  EXPECT_EQ(to_string(*parse_own("10.0.0.1/24")), "10.0.0.1/24");
  for (const char* text : {"10.0.10.1/24@", "10.0.10.1/24@0", "10.0.10.1/24@4095", "10.0.10.1@10", "10.0.10.1/24@x", "10.0.10.1/24@010"})
    EXPECT_FALSE(parse_own(text)) << text;
}

TEST(VlanAddress, OfAVlanThatThePortDoesNotServeIsAnError) {
  const ReadOutcome outcome = read(R"([[port]]
name = "outside"
device = "memif:/run/m.sock"
vlan = [10]
address = ["10.0.30.1/24@30"]
)");
  EXPECT_FALSE(outcome.config);
  EXPECT_NE(summary(outcome).find("5:12 E320 port \"outside\" does not serve VLAN 30"), std::string::npos) << summary(outcome);
}

TEST(VlanAddress, EachLanHasItsOwnAddressesRoutesAndNeighbours) {
  const Config config = must_read(kPort);
  EXPECT_EQ(config.port.at(0).rss, Rss::source);
  const Network network = with_static_parts({}, config.port);
  ASSERT_EQ(network.lans.size(), 3U);
  const LanState *untagged = lan_of(network, 0), *ten = lan_of(network, 10), *twenty = lan_of(network, 20);
  ASSERT_TRUE(untagged && ten && twenty);
  EXPECT_EQ(to_string(untagged->addresses.at(0)), "192.0.2.1/24");
  EXPECT_EQ(to_string(ten->addresses.at(0)), "10.0.10.1/24");
  EXPECT_EQ(to_string(twenty->addresses.at(0)), "fd00:20::1/64");
  ASSERT_EQ(ten->routes.size(), 1U);
  EXPECT_EQ(to_string(*ten->routes[0].gateway), "10.0.10.254");
  ASSERT_EQ(untagged->routes.size(), 1U) << "by the LAN in whose prefix the gateway is";
  EXPECT_TRUE(twenty->routes.empty());
  EXPECT_EQ(ten->neighbours.size(), 1U);
  EXPECT_EQ(untagged->neighbours.size(), 1U);
  EXPECT_EQ(twenty->neighbours.size(), 1U);
}

TEST(VlanAddress, TheRoutesLeadIntoTheVlan) {
  const Network network = with_static_parts({}, must_read(kPort).port);
  const std::array ports{PortInput{}};
  for (const RouteEntry& route : route_entries(network, ports)) {
    const std::uint16_t expected = route.prefix.address.family == Family::ipv6                 ? 20
                                   : to_string(route.prefix).starts_with("192.0.2.")           ? 0
                                   : route.gateway && to_string(*route.gateway) == "192.0.2.9" ? 0
                                                                                               : 10;
    EXPECT_EQ(route.vlan, expected) << to_string(route.prefix);
  }
}

}  // namespace
}  // namespace tandem::config
