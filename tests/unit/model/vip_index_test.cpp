// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/vip_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tandem {
namespace {

IpAddress ip(std::string_view text) { return parse_address(text).value(); }
Ipv4Address v4(std::uint32_t host) { return Ipv4Address{Be32{host}}; }

TEST(FlatIndex, AnEmptyOneKnowsNoKey) {
  const FlatIndex empty;
  EXPECT_EQ(empty.find(0), 0u);
  EXPECT_EQ(empty.find(1), 0u);
  EXPECT_EQ(empty.find((std::uint64_t{1} << FlatIndex::kKeyBits) - 1), 0u);
}

TEST(FlatIndex, EveryKeyIsFoundAtItsPlaceAndNoOtherKeyIs) {
  for (std::size_t count : {1, 2, 7, 64, 1000, 16384}) {
    std::mt19937_64 chance{count};
    std::map<std::uint64_t, std::size_t> places;
    std::vector<std::uint64_t> keys;
    while (keys.size() < count) {
      const std::uint64_t key = chance() >> FlatIndex::kPlaceBits;
      if (key != 0 && places.emplace(key, keys.size() + 1).second) keys.push_back(key);
    }
    const FlatIndex index{keys};
    for (std::uint64_t key : keys) EXPECT_EQ(index.find(key), places[key]) << count;
    for (int i = 0; i < 100000; ++i) {
      const std::uint64_t key = chance() >> FlatIndex::kPlaceBits;
      EXPECT_EQ(index.find(key), places.contains(key) ? places[key] : 0) << count;
    }
    EXPECT_LE(index.longest_probe(), FlatIndex::kMaxProbes) << count;
  }
}

// VIPs usually come in a row, so that is what must not collide.
TEST(FlatIndex, AFewDozenNeighbouringAddressesDoNotCollideAtAll) {
  for (std::uint32_t count = 1; count <= 64; ++count) {
    std::vector<std::uint64_t> keys;
    for (std::uint32_t i = 0; i < count; ++i) keys.push_back(v4(0x0a000100 + i).value.wire);
    EXPECT_EQ(FlatIndex{keys}.longest_probe(), 1u) << count << " addresses";
  }
}

TEST(FlatIndex, ACopyOutlivesItsModel) {
  auto model = std::make_unique<FlatIndex>(std::vector<std::uint64_t>{5, 6});
  const FlatIndex copy{*model};
  const FlatIndex moved{std::move(*model)};
  model.reset();
  EXPECT_EQ(copy.find(6), 2u);
  EXPECT_EQ(moved.find(5), 1u);
}

class VipIndexOfBothFamilies : public testing::Test {
 protected:
  std::vector<VipEntry> vips_{{ip("fd00::10"), kVipOneWay}, {ip("10.0.0.1"), 0}, {ip("fd00::11"), 0}, {ip("10.0.0.2"), kVipOneWay}};
  std::vector<ListenEntry> listens_{{ip("10.0.0.1"), Protocol::tcp, 80, ServiceId{1}},
                                    {ip("10.0.0.1"), Protocol::udp, 80, ServiceId{2}},
                                    {ip("fd00::10"), Protocol::tcp, 80, ServiceId{3}},
                                    {ip("10.0.0.1"), Protocol::tcp, 443, ServiceId{4}}};
  std::vector<NatBackendEntry> backends_{{ip("10.0.1.1"), Protocol::tcp, 8080, ServiceId{1}, BackendSlot{7}},
                                         {ip("fd00:1::1"), Protocol::tcp, 8080, ServiceId{3}, BackendSlot{8}},
                                         {ip("10.0.1.1"), Protocol::udp, 8080, kNoService, BackendSlot{9}}};
  VipIndex index_{vips_, listens_, backends_};
};

TEST_F(VipIndexOfBothFamilies, AVipIsFoundWithItsFlagsAndNothingElseIs) {
  ASSERT_NE(index_.find_vip(v4(0x0a000002)), nullptr);
  EXPECT_EQ(index_.find_vip(v4(0x0a000002))->flags, kVipOneWay);
  EXPECT_EQ(index_.find_vip(v4(0x0a000001))->flags, 0);
  EXPECT_EQ(index_.find_vip(ip("fd00::10"))->flags, kVipOneWay);
  EXPECT_EQ(index_.find_vip(ip("fd00::11").v6())->address, ip("fd00::11"));
  for (const char* other : {"0.0.0.0", "10.0.0.3", "10.0.1.1", "255.255.255.255", "::", "fd00::12", "fd00:1::1"})
    EXPECT_EQ(index_.find_vip(ip(other)), nullptr) << other;
  EXPECT_EQ(index_.find_vip(Ipv6Address{ip("10.0.0.1").bytes}), nullptr) << "a v4-mapped address on the wire is no VIP";
}

TEST_F(VipIndexOfBothFamilies, AServiceIsFoundByAddressProtocolAndPort) {
  EXPECT_EQ(index_.find_service(ip("10.0.0.1"), Protocol::tcp, 80), ServiceId{1});
  EXPECT_EQ(index_.find_service(ip("10.0.0.1"), Protocol::udp, 80), ServiceId{2});
  EXPECT_EQ(index_.find_service(ip("10.0.0.1"), Protocol::tcp, 443), ServiceId{4});
  EXPECT_EQ(index_.find_service(ip("fd00::10"), Protocol::tcp, 80), ServiceId{3});
  EXPECT_EQ(index_.find_service(ip("fd00::10"), Protocol::udp, 80), kNoService);
  EXPECT_EQ(index_.find_service(ip("fd00::10"), Protocol::tcp, 81), kNoService);
  EXPECT_EQ(index_.find_service(ip("10.0.0.1"), Protocol::tcp, 20480), kNoService) << "80 in the other byte order";
  EXPECT_EQ(index_.find_service(ip("10.0.0.1"), Protocol::icmp, 80), kNoService) << "icmp shares udp's lowest bit";
  EXPECT_EQ(index_.find_service(ip("10.0.0.2"), Protocol::tcp, 80), kNoService);
}

TEST_F(VipIndexOfBothFamilies, ANatBackendIsFoundByAddressProtocolAndPort) {
  const NatBackendEntry* tcp = index_.find_nat_backend(v4(0x0a000101), Protocol::tcp, Be16{8080});
  const NatBackendEntry* udp = index_.find_nat_backend(v4(0x0a000101), Protocol::udp, Be16{8080});
  const NatBackendEntry* six = index_.find_nat_backend(ip("fd00:1::1").v6(), Protocol::tcp, Be16{8080});
  ASSERT_TRUE(tcp != nullptr && udp != nullptr && six != nullptr);
  EXPECT_EQ(tcp->slot, BackendSlot{7});
  EXPECT_EQ(udp->service, kNoService);
  EXPECT_EQ(six->service, ServiceId{3});
  EXPECT_EQ(index_.find_nat_backend(v4(0x0a000101), Protocol::tcp, Be16{8081}), nullptr);
  EXPECT_EQ(index_.find_nat_backend(v4(0x0a000101), Protocol::icmp, Be16{8080}), nullptr);
  EXPECT_TRUE(index_.has_nat_backend(ip("10.0.1.1")) && index_.has_nat_backend(ip("fd00:1::1"))) << "at whatever port";
  EXPECT_FALSE(index_.has_nat_backend(ip("10.0.1.99")));
  EXPECT_EQ(index_.find_nat_backend(v4(0), Protocol::tcp, Be16{0}), nullptr);
  EXPECT_EQ(index_.find_nat_backend(ip("fd00:1::1").v6(), Protocol::udp, Be16{8080}), nullptr);
  EXPECT_EQ(index_.find_nat_backend(ip("fd00:1::2").v6(), Protocol::tcp, Be16{8080}), nullptr);
}

TEST(VipIndex, AnEmptyOneFindsNothing) {
  const VipIndex empty;
  EXPECT_EQ(empty.find_vip(v4(0)), nullptr);
  EXPECT_EQ(empty.find_vip(ip("::")), nullptr);
  EXPECT_EQ(empty.find_service(ip("10.0.0.1"), Protocol::tcp, 80), kNoService);
  EXPECT_EQ(empty.find_nat_backend(v4(0x0a000001), Protocol::tcp, Be16{80}), nullptr);
  EXPECT_EQ(empty.find_nat_backend(ip("::1").v6(), Protocol::tcp, Be16{80}), nullptr);
}

TEST(VipIndex, AsManyBackendsAsThereAreSlotsAreAllFoundInBothFamilies) {
  std::vector<NatBackendEntry> backends;
  for (std::uint32_t i = 0; i < 16384; ++i) {
    IpAddress address = i % 2 == 0 ? IpAddress{v4(0x0a010000 + i / 16)} : ip("fd00:1::");
    if (i % 2 == 1) address.bytes[14] = static_cast<std::uint8_t>(i >> 8), address.bytes[15] = static_cast<std::uint8_t>(i);
    backends.push_back(
        {address, Protocol::tcp, static_cast<std::uint16_t>(8000 + i % 16), ServiceId{1}, BackendSlot{static_cast<std::uint16_t>(i)}});
  }
  const VipIndex index{{}, {}, backends};
  for (const NatBackendEntry& backend : backends) {
    const Be16 port{backend.port};
    const bool six = backend.address.family == Family::ipv6;
    const NatBackendEntry* found = six ? index.find_nat_backend(backend.address.v6(), Protocol::tcp, port)
                                       : index.find_nat_backend(backend.address.v4(), Protocol::tcp, port);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->slot, backend.slot);
  }
}

}  // namespace
}  // namespace tandem
