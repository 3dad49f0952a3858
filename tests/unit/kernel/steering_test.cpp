// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/steering.h"

#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/kernel/frames.h"

namespace tandem {
namespace {

constexpr PortId kFront{0}, kBack{1};

Generation example() {
  Generation generation;
  const std::vector<VipEntry> vips{{ip("203.0.113.10"), 0}, {ip("2001:db8::10"), kVipOneWay}};
  const std::vector<NatBackendEntry> backends{{ip("10.0.0.11"), Protocol::tcp, 8080, ServiceId{0}, BackendSlot{0}}};
  generation.index = std::make_shared<const VipIndex>(vips, std::vector<ListenEntry>{}, backends);
  std::vector<PortView> ports(2);
  ports[0].mac = mac("02:00:00:00:00:01");
  ports[0].addresses = {parse_prefix("192.0.2.1/24").value()};
  ports[1].mac = mac("02:00:00:00:00:02");
  ports[1].addresses = {parse_prefix("10.0.0.1/24").value(), parse_prefix("fd00::1/64").value()};
  generation.ports = std::make_shared<const std::vector<PortView>>(ports);
  return generation;
}

TEST(Desired, HoldsWhatTheGenerationServesAndNothingElse) {
  const SteeringView view = desired(example(), kFront);
  EXPECT_EQ(view.vips.size(), 2U);
  EXPECT_TRUE(view.vips.contains(steer_key(ip("203.0.113.10"))));
  EXPECT_TRUE(view.vips.contains(steer_key(ip("2001:db8::10"))));
  EXPECT_EQ(view.backends.size(), 2U) << "by its port, and for later fragments";
  SteerEndpoint backend{};
  std::memcpy(backend.address, ip("10.0.0.11").bytes.data(), 16);
  backend.protocol = 6;
  reinterpret_cast<unsigned char*>(&backend.port)[0] = 0x1f;  // 8080 as on the wire
  reinterpret_cast<unsigned char*>(&backend.port)[1] = 0x90;
  EXPECT_TRUE(view.backends.contains(backend));
}

TEST(Desired, TakesTheMacOfItsOwnPortAndTheAddressesOfAll) {
  const SteeringView front = desired(example(), kFront), back = desired(example(), kBack);
  EXPECT_TRUE(front.node_macs.contains(steer_key(mac("02:00:00:00:00:01"))));
  EXPECT_EQ(front.node_macs.size(), 1U);
  EXPECT_TRUE(back.node_macs.contains(steer_key(mac("02:00:00:00:00:02"))));
  EXPECT_EQ(front.node_addresses.size(), 3U) << "an answer may arrive on another port than its address is on";
  const SteeringFacts kernel{{ip("127.0.0.1"), ip("10.0.0.1")}, {}};
  EXPECT_EQ(desired(example(), kFront, kernel).node_addresses.size(), 4U);
}

TEST(Desired, OfAPairHoldsItsMacsAndThePeerOfThePort) {
  Generation generation = example();
  auto ports = std::make_shared<std::vector<PortView>>(*generation.ports);
  (*ports)[0].virtual_macs = {{mac("00:00:5e:00:01:0a"), 0, GroupId{0}}, {mac("00:00:5e:00:01:0b"), 7, GroupId{1}}};
  (*ports)[0].peers = {{ip("192.0.2.2"), 0, {}}};
  generation.ports = ports;
  generation.pair = {true, 18264};
  const SteeringView front = desired(generation, kFront), back = desired(generation, kBack);
  EXPECT_EQ(front.node_macs.size(), 3U);
  EXPECT_EQ(front.node_macs.at(steer_key(mac("02:00:00:00:00:01"))), 0U);
  EXPECT_EQ(front.node_macs.at(steer_key(mac("00:00:5e:00:01:0b"))), STEER_VIRTUAL_MAC);
  EXPECT_TRUE(front.peers.contains(steer_key(ip("192.0.2.2"))));
  EXPECT_EQ(front.pair_port.at(0), Be16{18264}.wire);
  EXPECT_EQ(back.node_macs.size(), 1U);
  EXPECT_TRUE(back.peers.empty());
}

TEST(Desired, ServersAreLetOutByTheNodeThatHasTheirGroupIfItRoutes) {
  Generation generation = example();
  auto ports = std::make_shared<std::vector<PortView>>(*generation.ports);
  (*ports)[0].virtual_macs = {{mac("00:00:5e:00:01:0a"), 0, GroupId{0}}, {mac("00:00:5e:00:01:0b"), 0, GroupId{1}}};
  generation.ports = ports;
  generation.groups = std::make_shared<std::vector<GroupView>>(std::vector<GroupView>{{Transit::drop}, {Transit::route}});
  const auto flags = [&](std::uint32_t active, const char* of) {
    return desired(generation, kFront, {{}, {.active = active}}).node_macs.at(steer_key(mac(of)));
  };
  EXPECT_EQ(flags(0b11, "00:00:5e:00:01:0a"), STEER_VIRTUAL_MAC);
  EXPECT_EQ(flags(0b11, "00:00:5e:00:01:0b"), STEER_VIRTUAL_MAC | STEER_TRANSIT);
  EXPECT_EQ(flags(0b01, "00:00:5e:00:01:0b"), STEER_VIRTUAL_MAC) << "a switch that floods must not have both nodes route";
}

TEST(Desired, OfAnEmptyGenerationIsEmpty) {
  const SteeringView view = desired(Generation{}, kFront);
  EXPECT_TRUE(view.vips.empty() && view.backends.empty() && view.node_addresses.empty() && view.node_macs.empty());
  EXPECT_TRUE(view.peers.empty() && view.pair_port.empty());
}

struct SteerMapTest : testing::Test {
  int fd = -1;
  void SetUp() override {
    fd = bpf_map_create(BPF_MAP_TYPE_HASH, "vips", sizeof(SteerAddress), 4, 4, nullptr);
    if (fd < 0) GTEST_SKIP() << "needs root: no BPF map can be made: " << std::strerror(errno);
  }
  void TearDown() override {
    if (fd >= 0) close(fd);
  }
  bool holds(const char* address) const {
    const SteerAddress key = steer_key(ip(address));
    std::uint32_t value = 0;
    return bpf_map_lookup_elem(fd, &key, &value) == 0;
  }
  static MapContents<SteerAddress> contents(std::initializer_list<const char*> addresses) {
    MapContents<SteerAddress> made;
    for (const char* each : addresses) made[steer_key(ip(each))] = 0;
    return made;
  }
};

TEST_F(SteerMapTest, WritesTheDifferenceAndNothingElse) {
  auto map = SteerMap<SteerAddress>::open("vips", fd);
  ASSERT_TRUE(map) << map.error().message;
  ASSERT_TRUE(map->add_missing(contents({"10.0.0.1", "10.0.0.2"})));
  // What is taken out behind its back and still wanted stays out: so it is not written again.
  const SteerAddress taken = steer_key(ip("10.0.0.2"));
  ASSERT_EQ(bpf_map_delete_elem(fd, &taken), 0);
  const auto next = contents({"10.0.0.2", "10.0.0.3"});
  ASSERT_TRUE(map->add_missing(next));
  EXPECT_TRUE(holds("10.0.0.1")) << "nothing goes before remove_others";
  EXPECT_TRUE(holds("10.0.0.3"));
  EXPECT_FALSE(holds("10.0.0.2"));
  ASSERT_TRUE(map->remove_others(next));
  EXPECT_FALSE(holds("10.0.0.1"));
  EXPECT_EQ(map->size(), 2U);
}

TEST_F(SteerMapTest, AnEarlierOwnersEntriesAreKnownAndRemoved) {
  const SteerAddress old = steer_key(ip("10.9.9.9"));
  const std::uint32_t value = 0;
  ASSERT_EQ(bpf_map_update_elem(fd, &old, &value, BPF_ANY), 0);
  auto map = SteerMap<SteerAddress>::open("vips", fd);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->size(), 1U);
  ASSERT_TRUE(map->remove_others(contents({"10.0.0.1"})));
  EXPECT_FALSE(holds("10.9.9.9"));
}

TEST_F(SteerMapTest, AFullMapIsAnErrorInWordsAndLosesNothing) {
  auto map = SteerMap<SteerAddress>::open("vips", fd);
  ASSERT_TRUE(map);
  const auto full = map->add_missing(contents({"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"}));
  ASSERT_FALSE(full) << "the map has room for four";
  EXPECT_NE(full.error().message.find("vips"), std::string::npos) << full.error().message;
  EXPECT_EQ(map->size(), 4U);
  ASSERT_TRUE(map->remove_others(contents({"10.0.0.5"})));
  ASSERT_TRUE(map->add_missing(contents({"10.0.0.5"})));
  EXPECT_TRUE(holds("10.0.0.5"));
}

TEST_F(SteerMapTest, MapsOfAnotherProgramAreRefused) {
  const auto opened = SteeringMaps::open(std::array{fd});
  ASSERT_FALSE(opened) << "there is no map but that of VIPs";
  EXPECT_NE(opened.error().message.find("is not among the program's maps"), std::string::npos) << opened.error().message;
}

}  // namespace
}  // namespace tandem
