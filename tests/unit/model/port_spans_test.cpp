// SPDX-License-Identifier: Apache-2.0
// Prefixes, ranges and all ports: who has an address and a port, when many could.
#include "dataplane/model/port_spans.h"

#include <array>
#include <random>

#include <gtest/gtest.h>

#include "common/net/address.h"
#include "dataplane/model/vip_index.h"

namespace tandem {
namespace {

Prefix prefix(std::string_view text) { return *parse_prefix(text); }
IpAddress ip(std::string_view text) { return parse_address(text).value(); }

TEST(PrefixIndex, TheLongestIsFoundFirstAndTheOthersBehindIt) {
  const std::vector<Prefix> held{prefix("203.0.113.0/24"), prefix("203.0.113.64/28"), prefix("2001:db8::/64"), prefix("2001:db8::/32"),
                                 prefix("203.0.0.0/16")};
  const PrefixIndex index{held};
  std::vector<std::size_t> met;
  EXPECT_FALSE(index.walk(ip("203.0.113.70"), [&](std::size_t place) { return met.push_back(place), false; }));
  EXPECT_EQ(met, (std::vector<std::size_t>{1, 0, 4}));
  EXPECT_EQ(index.longest(ip("203.0.113.80")), 1U) << "one past the /28";
  EXPECT_EQ(index.longest(ip("2001:db8::1")), 3U);
  EXPECT_EQ(index.longest(ip("2001:db8:0:1::1")), 4U);
  EXPECT_EQ(index.longest(ip("203.1.0.0")), 0U);
  EXPECT_EQ(index.longest(IpAddress{Ipv6Address{ip("203.0.113.70").bytes}}), 0U) << "v4-mapped on the wire is another family";
}

struct Told {
  const char* address;
  std::uint16_t port;
  std::size_t place;  // + 1; 0: nobody
};

TEST(PortSpans, TheLongerPrefixThenTheNarrowerPortsHaveIt) {
  const std::vector<PortSpan> spans{
      {prefix("203.0.113.0/24"), Protocol::tcp, kAllPorts},  {prefix("203.0.113.0/24"), Protocol::tcp, {80, 0}},
      {prefix("203.0.113.0/24"), Protocol::tcp, {8000, 99}}, {prefix("203.0.113.64/28"), Protocol::tcp, {8050, 0}},
      {prefix("203.0.113.10/32"), Protocol::tcp, {8000, 9}}, {prefix("203.0.113.0/24"), Protocol::tcp, {8100, 9}},
      {prefix("203.0.113.10/32"), Protocol::udp, {8000, 9}}};
  const PortSpans index{spans};
  for (const Told& told :
       {Told{"203.0.113.1", 79, 1}, Told{"203.0.113.1", 80, 2}, Told{"203.0.113.1", 7999, 1}, Told{"203.0.113.1", 8000, 3},
        Told{"203.0.113.1", 8099, 3}, Told{"203.0.113.1", 8100, 6}, Told{"203.0.113.1", 8110, 1}, Told{"203.0.113.65", 8050, 4},
        Told{"203.0.113.65", 8051, 3}, Told{"203.0.113.10", 8009, 5}, Told{"203.0.113.10", 8010, 3}, Told{"203.0.113.1", 0, 1},
        Told{"203.0.113.1", 65535, 1}, Told{"203.0.114.1", 80, 0}})
    EXPECT_EQ(index.find(ip(told.address), Protocol::tcp, told.port), told.place) << told.address << ":" << told.port;
  EXPECT_EQ(index.find(ip("203.0.113.10"), Protocol::udp, 8005), 7U);
  EXPECT_EQ(index.find(ip("203.0.113.1"), Protocol::udp, 80), 0U);
}

// Against a walk over all entries, for every address and port near them.
TEST(PortSpans, AgreeWithASlowSearch) {
  std::mt19937 random{7};
  std::vector<PortSpan> spans;
  for (const std::uint8_t length : std::array<std::uint8_t, 4>{24, 28, 30, 32})
    for (std::uint32_t host = 0; host < 4; ++host) {
      const Prefix at{Prefix{IpAddress{Ipv4Address{Be32{0xc0000200U + host * 37}}}, length}.network(), length};
      if (std::ranges::any_of(spans, [&](const PortSpan& each) { return each.at == at; })) continue;
      if (random() % 3 == 0) spans.push_back({at, Protocol::tcp, kAllPorts});
      for (std::uint16_t port = 10; port < 60; port = static_cast<std::uint16_t>(port + 10)) {
        spans.push_back({at, Protocol::tcp, {port, static_cast<std::uint16_t>(1 + random() % 8)}});
        if (random() % 2 == 0) spans.push_back({at, Protocol::tcp, {static_cast<std::uint16_t>(port + random() % 10), 0}});
      }
    }
  const PortSpans index{spans};
  for (std::uint32_t host = 0; host < 256; ++host)
    for (std::uint16_t port = 0; port < 80; ++port) {
      const IpAddress at{Ipv4Address{Be32{0xc0000200U + host}}};
      std::size_t best = 0;
      for (std::size_t i = 0; i < spans.size(); ++i) {
        if (!spans[i].at.contains(at) || !spans[i].ports.contains(port)) continue;
        const auto rank = [&](std::size_t place) { return std::pair{-int{spans[place].at.length}, spans[place].ports.more}; };
        if (best == 0 || rank(i) < rank(best - 1)) best = i + 1;
      }
      ASSERT_EQ(index.find(at, Protocol::tcp, port), best) << to_string(at) << ":" << port;
    }
}

struct WideVips : testing::Test {
  std::vector<VipEntry> vips{
      {ip("203.0.113.10"), 0}, {ip("203.0.113.64"), kVipOneWay, GroupId{3}, kNoPool, 4}, {ip("2001:db8::"), 0, kNoGroup, kNoPool, 64}};
  std::vector<ListenEntry> listens{{ip("203.0.113.10"), Protocol::tcp, 8000, ServiceId{1}, 99},
                                   {ip("203.0.113.10"), Protocol::tcp, 8005, ServiceId{2}},
                                   {ip("203.0.113.64"), Protocol::tcp, 80, ServiceId{3}, 0, 4},
                                   {ip("2001:db8::"), Protocol::udp, 0, ServiceId{4}, 0xffff, 64}};
  std::vector<NatBackendEntry> backends{{ip("10.0.1.1"), Protocol::tcp, 8005, ServiceId{2}, BackendSlot{2}, 1},
                                        {ip("10.0.1.1"), Protocol::tcp, 8000, ServiceId{1}, BackendSlot{1}, 1, 99}};
  std::vector<IpAddress> reserved{ip("203.0.113.65"), ip("203.0.113.10"), ip("2001:db8::1")};
  VipIndex index{vips, listens, backends, {}, reserved};
};

TEST_F(WideVips, EveryAddressOfAPrefixIsAVipButThoseThatAnswerForThemselves) {
  ASSERT_NE(index.find_vip(ip("203.0.113.79")), nullptr);
  EXPECT_EQ(index.find_vip(ip("203.0.113.79"))->group, GroupId{3});
  EXPECT_EQ(index.find_vip(ip("203.0.113.80")), nullptr);
  EXPECT_EQ(index.find_vip(ip("203.0.113.65")), nullptr) << "the node's own";
  EXPECT_NE(index.find_vip(ip("203.0.113.10")), nullptr) << "named alone, it is a VIP whatever else it is";
  EXPECT_NE(index.find_vip(ip("2001:db8::2")), nullptr);
  EXPECT_EQ(index.find_vip(ip("2001:db8::1")), nullptr);
  EXPECT_EQ(index.find_vip(ip("2001:db8:0:1::2")), nullptr);
  EXPECT_EQ(index.vips().size(), 1U);
  EXPECT_EQ(index.vip_prefixes().size(), 2U);
}

TEST_F(WideVips, AServiceIsFoundByRangeAndPrefix) {
  EXPECT_EQ(index.find_service(ip("203.0.113.10"), Protocol::tcp, 8005), ServiceId{2}) << "the very port before the range";
  EXPECT_EQ(index.find_service(ip("203.0.113.10"), Protocol::tcp, 8099), ServiceId{1});
  EXPECT_EQ(index.find_service(ip("203.0.113.10"), Protocol::tcp, 8100), kNoService);
  EXPECT_EQ(index.find_service(ip("203.0.113.70"), Protocol::tcp, 80), ServiceId{3});
  EXPECT_EQ(index.find_service(ip("203.0.113.70"), Protocol::tcp, 81), kNoService);
  EXPECT_EQ(index.find_service(ip("2001:db8::99"), Protocol::udp, 1), ServiceId{4});
  EXPECT_EQ(index.find_service(ip("2001:db8::99"), Protocol::tcp, 1), kNoService);
}

TEST_F(WideVips, ABackendOfARangeAnswersFromEachOfItsPorts) {
  const Ipv4Address backend = ip("10.0.1.1").v4();
  ASSERT_NE(index.find_nat_backend(backend, Protocol::tcp, Be16{8050}), nullptr);
  EXPECT_EQ(index.find_nat_backend(backend, Protocol::tcp, Be16{8050})->slot, BackendSlot{1});
  EXPECT_EQ(index.find_nat_backend(backend, Protocol::tcp, Be16{8005})->slot, BackendSlot{2});
  EXPECT_EQ(index.find_nat_backend(backend, Protocol::tcp, Be16{8100}), nullptr);
  EXPECT_EQ(index.find_nat_backend(backend, Protocol::udp, Be16{8050}), nullptr);
  EXPECT_TRUE(index.has_nat_backend(ip("10.0.1.1")));
}

}  // namespace
}  // namespace tandem
