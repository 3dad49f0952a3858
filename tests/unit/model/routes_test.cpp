// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/routes.h"

#include <gtest/gtest.h>

#include <random>

namespace tandem {
namespace {

IpAddress ip(std::string_view text) { return parse_address(text).value(); }
Prefix prefix(std::string_view text) { return parse_prefix(text).value(); }

TEST(Routes, WithoutAnyThereIsNoWay) { EXPECT_FALSE(Routes{}.find(ip("10.0.0.1")).has_value()); }

TEST(Routes, TheLongestPrefixWins) {
  const Routes routes{{{prefix("0.0.0.0/0"), ip("10.0.0.254"), PortId{0}, 0},
                       {prefix("10.0.0.0/24"), std::nullopt, PortId{1}, 0},
                       {prefix("10.0.0.128/25"), ip("10.0.0.3"), PortId{2}, 7},
                       {prefix("::/0"), ip("fe80::1"), PortId{3}, 0}},
                      {}};
  EXPECT_EQ(routes.find(ip("192.0.2.1"))->address, ip("10.0.0.254"));
  EXPECT_EQ(routes.find(ip("10.0.0.5"))->address, ip("10.0.0.5")) << "on link, so its own next hop";
  EXPECT_EQ(routes.find(ip("10.0.0.5"))->port, PortId{1});
  EXPECT_EQ(routes.find(ip("10.0.0.200"))->address, ip("10.0.0.3"));
  EXPECT_EQ(routes.find(ip("10.0.0.200"))->vlan, 7);
  EXPECT_EQ(routes.find(ip("2001:db8::1"))->port, PortId{3});
}

TEST(Routes, HostBitsOfAPrefixDoNotMatter) {
  const Routes routes{{{prefix("10.0.0.77/24"), std::nullopt, PortId{1}, 0}}, {}};
  EXPECT_TRUE(routes.find(ip("10.0.0.5")).has_value());
  EXPECT_FALSE(routes.find(ip("10.0.1.5")).has_value());
}

TEST(Routes, OfTwoToOnePrefixTheFirstIsUsed) {
  const Routes routes{{{prefix("0.0.0.0/0"), ip("10.0.0.1"), PortId{0}, 0}, {prefix("0.0.0.0/0"), ip("10.0.0.2"), PortId{0}, 0}}, {}};
  EXPECT_EQ(routes.find(ip("8.8.8.8"))->address, ip("10.0.0.1"));
  EXPECT_EQ(routes.routes().size(), 1u);
}

// A link-local gateway may have the same address on every LAN.
TEST(Routes, ANeighbourIsThatOfTheRoutesOwnLan) {
  const Routes routes{{{prefix("2001:db8:1::/48"), ip("fe80::1"), PortId{0}, 0},
                       {prefix("2001:db8:2::/48"), ip("fe80::1"), PortId{1}, 0},
                       {prefix("2001:db8:3::/48"), ip("fe80::1"), PortId{1}, 5},
                       {prefix("2001:db8:4::/48"), ip("fe80::9"), PortId{1}, 5}},
                      {{ip("fe80::1"), PortId{1}, 0, AdjacencyId{2}},
                       {ip("fe80::1"), PortId{0}, 0, AdjacencyId{1}},
                       {ip("fe80::1"), PortId{1}, 5, AdjacencyId{3}}}};
  EXPECT_EQ(routes.find(ip("2001:db8:1::9"))->adjacency, AdjacencyId{1});
  EXPECT_EQ(routes.find(ip("2001:db8:2::9"))->adjacency, AdjacencyId{2});
  EXPECT_EQ(routes.find(ip("2001:db8:3::9"))->adjacency, AdjacencyId{3});
  EXPECT_EQ(routes.find(ip("2001:db8:4::9"))->adjacency, kNoAdjacency) << "nobody knows fe80::9 yet";
}

TEST(Routes, AThousandRandomRoutesAgreeWithALookUpOneByOne) {
  std::mt19937 chance{7};
  std::vector<RouteEntry> given;
  for (int i = 0; i < 1000; ++i) {
    const Prefix at{Ipv4Address{Be32{static_cast<std::uint32_t>(chance()) & 0x0fffffff}}, static_cast<std::uint8_t>(8 + chance() % 25)};
    given.push_back({at, Ipv4Address{Be32{static_cast<std::uint32_t>(i)}}, PortId{0}, 0});
  }
  const Routes routes{given, {}};
  std::size_t hits = 0;
  for (int i = 0; i < 20000; ++i) {
    const IpAddress wanted = Ipv4Address{Be32{static_cast<std::uint32_t>(chance()) & 0x0fffffff}};
    const RouteEntry* best = nullptr;
    for (const RouteEntry& route : given)
      if (route.prefix.contains(wanted) && (best == nullptr || route.prefix.length > best->prefix.length)) best = &route;
    const std::optional<NextHop> found = routes.find(wanted);
    ASSERT_EQ(found.has_value(), best != nullptr);
    if (best == nullptr) continue;
    EXPECT_EQ(found->address, *best->gateway);
    ++hits;
  }
  EXPECT_GT(hits, 1000u) << "the test would say nothing";
}

}  // namespace
}  // namespace tandem
