// SPDX-License-Identifier: Apache-2.0
// The mirror beside a real kernel: what `ip` changes in a namespace of the test's own shows up in the view.
#include "controlplane/kernel/mirror.h"

#include <algorithm>

#include "controlplane/kernel/neighbours.h"
#include "tests/unit/kernel/frames.h"
#include "tests/unit/kernel/private_network.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;

LinkMessage link(int number, const char* name, int parent = 0, std::uint16_t vlan = 0) {
  return {.interface_index = number,
          .name = name,
          .mac = mac("02:00:00:00:00:01"),
          .up = true,
          .carrier = true,
          .parent_index = parent,
          .vlan = vlan};
}

TEST(ViewOf, TakesThePortsInterfacesAndTheVlansOnThem) {
  KernelTables tables;
  for (const LinkMessage& each :
       {link(1, "lo"), link(2, "n0"), link(3, "n0.100", 2, 100), link(4, "eth9.7", 9, 7), link(9, "eth9"), link(5, "other.5", 77, 5)}) {
    tables.links[each.interface_index] = each;
  }
  tables.addresses = {
      {1, parse_prefix("127.0.0.1/8").value()}, {3, parse_prefix("10.1.0.1/24").value()}, {9, parse_prefix("10.9.0.1/24").value()}};
  tables.routes = {{3, {.prefix = parse_prefix("10.1.0.0/24").value()}}, {9, {.prefix = parse_prefix("10.9.0.0/24").value()}}};
  tables.neighbours[{3, ip("10.1.0.2")}] = {.address = ip("10.1.0.2"), .mac = mac("02:00:00:00:00:09")};
  tables.neighbours[{9, ip("10.9.0.2")}] = {.address = ip("10.9.0.2"), .mac = mac("02:00:00:00:00:09")};

  // The second port stands on a VLAN interface, which makes that its untagged LAN.
  const NetworkView view = view_of(tables, {{PortId{1}, "eth9.7"}, {PortId{0}, "n0"}});
  ASSERT_EQ(view.lans.size(), 3U);
  EXPECT_EQ(view.lans[0].interface, "n0");
  EXPECT_EQ(view.lans[1].interface, "n0.100");
  EXPECT_EQ(view.lans[1].port, PortId{0});
  EXPECT_EQ(view.lans[1].vlan, 100);
  EXPECT_EQ(view.lans[1].addresses.size(), 1U);
  EXPECT_EQ(view.lans[1].routes.size(), 1U);
  EXPECT_EQ(view.lans[1].neighbours.size(), 1U);
  EXPECT_EQ(view.lans[2].interface, "eth9.7");
  EXPECT_EQ(view.lans[2].vlan, 0);
  EXPECT_EQ(view.node_addresses.size(), 3U) << "of every interface, so that a health check may come from any";
}

struct MirrorTest : NetworkTest {
  Loop loop;
  Mirror mirror{loop};
  int changes = 0;
  // A tentative link-local address asks nobody for a second or two (RFC 4862).
  const std::string no_dad = "echo 0 > /proc/sys/net/ipv6/conf/";

  void prepare() override {
    run("ip link set lo up && ip link add n0 type veth peer name p0 && " + no_dad + "n0/accept_dad");
    run("ip link set p0 up && ip link set n0 up address 02:00:00:00:00:01");
    run("ip addr add 10.0.0.1/24 dev n0 && ip -6 addr add fd00::1/64 dev n0 nodad");
    const auto started = mirror.start({{PortId{4}, "n0"}}, [this](const NetworkView&) { ++changes; });
    ASSERT_TRUE(started) << started.error().message;
  }
  // Lets the loop run until `holds`, or five seconds.
  template <typename Holds>
  bool becomes(const Holds& holds) {
    const SteadyClock clock;
    for (const Instant end = clock.now() + 5s; clock.now() < end; loop.run_once(10ms)) {
      if (!mirror.view().lans.empty() && holds(mirror.view().lans[0])) return true;
    }
    return false;
  }
  bool has_route(const LanView& lan, const char* prefix, const char* gateway = nullptr) {
    return std::any_of(lan.routes.begin(), lan.routes.end(), [&](const KernelRoute& route) {
      return route.prefix == parse_prefix(prefix).value() && (gateway == nullptr ? !route.gateway : route.gateway == ip(gateway));
    });
  }
  const KernelNeighbour* neighbour(const LanView& lan, const char* address) {
    const auto at =
        std::find_if(lan.neighbours.begin(), lan.neighbours.end(), [&](const auto& each) { return each.address == ip(address); });
    return at == lan.neighbours.end() ? nullptr : &*at;
  }
};

TEST_F(MirrorTest, TheFirstViewIsComplete) {
  ASSERT_EQ(mirror.view().lans.size(), 1U);
  const LanView& lan = mirror.view().lans[0];
  EXPECT_EQ(lan.port, PortId{4});
  EXPECT_EQ(lan.interface, "n0");
  EXPECT_EQ(lan.mac, mac("02:00:00:00:00:01"));
  EXPECT_EQ(lan.mtu_bytes, 1500U);
  EXPECT_TRUE(lan.up && lan.carrier);
  EXPECT_TRUE(std::count(lan.addresses.begin(), lan.addresses.end(), parse_prefix("10.0.0.1/24").value()));
  EXPECT_TRUE(std::count(lan.addresses.begin(), lan.addresses.end(), parse_prefix("fd00::1/64").value()));
  EXPECT_TRUE(has_route(lan, "10.0.0.0/24"));
  EXPECT_TRUE(has_route(lan, "fd00::/64"));
  EXPECT_TRUE(std::binary_search(mirror.view().node_addresses.begin(), mirror.view().node_addresses.end(), ip("127.0.0.1")));
}

TEST_F(MirrorTest, FollowsAddresses) {
  run("ip addr add 10.7.0.1/24 dev n0");
  EXPECT_TRUE(becomes([&](const LanView& lan) { return has_route(lan, "10.7.0.0/24") && lan.addresses.size() >= 3; }));
  run("ip addr del 10.7.0.1/24 dev n0");
  EXPECT_TRUE(becomes([&](const LanView& lan) { return !has_route(lan, "10.7.0.0/24"); }));
  EXPECT_GE(changes, 2);
}

TEST_F(MirrorTest, FollowsRoutesAddedReplacedAndRemoved) {
  run("ip route add 192.0.2.0/24 via 10.0.0.254 && ip -6 route add 2001:db8::/32 via fd00::fe");
  EXPECT_TRUE(becomes(
      [&](const LanView& lan) { return has_route(lan, "192.0.2.0/24", "10.0.0.254") && has_route(lan, "2001:db8::/32", "fd00::fe"); }));
  run("ip route replace 192.0.2.0/24 via 10.0.0.253");
  EXPECT_TRUE(becomes(
      [&](const LanView& lan) { return has_route(lan, "192.0.2.0/24", "10.0.0.253") && !has_route(lan, "192.0.2.0/24", "10.0.0.254"); }));
  run("ip route del 192.0.2.0/24");
  EXPECT_TRUE(becomes([&](const LanView& lan) { return !has_route(lan, "192.0.2.0/24", "10.0.0.253"); }));
}

TEST_F(MirrorTest, NoticesTheRoutesThatALinksFallTakesAwaySilently) {
  run("ip route add 192.0.2.0/24 via 10.0.0.254");
  ASSERT_TRUE(becomes([&](const LanView& lan) { return has_route(lan, "192.0.2.0/24", "10.0.0.254"); }));
  run("ip link set n0 down");
  EXPECT_TRUE(becomes([&](const LanView& lan) { return !lan.up && !has_route(lan, "192.0.2.0/24", "10.0.0.254"); }));
}

TEST_F(MirrorTest, FollowsCarrierAndMtu) {
  run("ip link set p0 down");
  EXPECT_TRUE(becomes([](const LanView& lan) { return lan.up && !lan.carrier; }));
  run("ip link set p0 up && ip link set n0 mtu 1400");
  EXPECT_TRUE(becomes([](const LanView& lan) { return lan.carrier && lan.mtu_bytes == 1400; }));
}

TEST_F(MirrorTest, FollowsNeighbours) {
  run("ip neigh replace 10.0.0.11 lladdr 02:00:00:00:00:11 dev n0 nud reachable");
  run("ip neigh replace fd00::11 lladdr 02:00:00:00:00:12 dev n0 nud permanent");
  EXPECT_TRUE(becomes([&](const LanView& lan) {
    const KernelNeighbour *v4 = neighbour(lan, "10.0.0.11"), *v6 = neighbour(lan, "fd00::11");
    return v4 != nullptr && v4->mac == mac("02:00:00:00:00:11") && v4->usable() && v6 != nullptr && v6->state == NeighbourState::fixed;
  }));
  run("ip neigh del 10.0.0.11 dev n0");
  EXPECT_TRUE(becomes([&](const LanView& lan) {
    const auto* gone = neighbour(lan, "10.0.0.11");
    return gone == nullptr || !gone->usable();
  }));
}

TEST_F(MirrorTest, AStaleNeighbourIsNoChangeForForwarding) {
  run("ip neigh replace 10.0.0.11 lladdr 02:00:00:00:00:11 dev n0 nud reachable");
  ASSERT_TRUE(becomes([&](const LanView& lan) { return neighbour(lan, "10.0.0.11") != nullptr; }));
  const int before = changes;
  run("ip neigh replace 10.0.0.11 lladdr 02:00:00:00:00:11 dev n0 nud stale");
  EXPECT_TRUE(becomes([&](const LanView& lan) { return neighbour(lan, "10.0.0.11")->state == NeighbourState::stale; }));
  EXPECT_EQ(changes, before);
}

TEST_F(MirrorTest, AVlanInterfaceIsALanOfItsPort) {
  if (std::system("ip link add link n0 name n0.100 type vlan id 100 2>/dev/null") != 0)
    GTEST_SKIP() << "this kernel has no VLAN interfaces";
  run("ip link set n0.100 up && ip addr add 10.1.0.1/24 dev n0.100");
  const auto tagged = [&]() -> const LanView* { return mirror.view().lans.size() == 2 ? &mirror.view().lans[1] : nullptr; };
  EXPECT_TRUE(becomes([&](const LanView&) { return tagged() != nullptr && has_route(*tagged(), "10.1.0.0/24"); }));
  ASSERT_NE(tagged(), nullptr);
  EXPECT_EQ(tagged()->port, PortId{4});
  EXPECT_EQ(tagged()->vlan, 100);
  run("ip link del n0.100");
  EXPECT_TRUE(becomes([&](const LanView&) { return tagged() == nullptr; }));
}

TEST_F(MirrorTest, AnInterfaceThatComesLaterIsFollowed) {
  mirror.follow({{PortId{4}, "n0"}, {PortId{5}, "late"}});
  run("ip link add late type veth peer name late2 && ip link set late up && ip addr add 10.5.0.1/24 dev late");
  EXPECT_TRUE(becomes([&](const LanView&) { return mirror.view().lans.size() == 2 && !mirror.view().lans[1].addresses.empty(); }));
  run("ip link del late");
  EXPECT_TRUE(becomes([&](const LanView&) { return mirror.view().lans.size() == 1; }));
}

TEST_F(MirrorTest, ManyChangesAtOnceAreTakenTogether) {
  run("for i in $(seq 500); do echo route add 198.18.$((i / 250)).$((i % 250))/32 via 10.0.0.254; done | ip -batch -");
  EXPECT_TRUE(becomes([](const LanView& lan) { return lan.routes.size() >= 500; }));
  EXPECT_LT(changes, 10) << "500 routes are not 500 generations";
}

TEST_F(MirrorTest, LostNotificationsEndInADumpOfEverything) {
  // Nothing is read meanwhile, so the socket's 4 MiB fill.
  run("for i in $(seq 6000); do echo link set n0 mtu $((1300 + i % 2)); done | ip -batch -");
  run("ip addr add 10.8.0.1/24 dev n0 && ip neigh replace 10.8.0.2 lladdr 02:00:00:00:00:88 dev n0 nud permanent");
  EXPECT_TRUE(becomes([&](const LanView& lan) { return has_route(lan, "10.8.0.0/24") && neighbour(lan, "10.8.0.2") != nullptr; }));
  EXPECT_GE(mirror.resyncs(), 1U) << "the test should have overrun the socket";
  EXPECT_FALSE(mirror.trouble());
}

// The other end of the veth stands in a namespace of its own and answers for 10.0.0.11 and fd00::11.
struct NeighboursTest : MirrorTest {
  ManualClock clock;
  Neighbours neighbours{loop, mirror, clock};
  std::optional<FarEnd> far;

  void prepare() override {
    MirrorTest::prepare();
    const auto started = neighbours.start();
    ASSERT_TRUE(started) << started.error().message;
    far.emplace();
    run("ip link set p0 netns " + far->pid());
    far->run(no_dad + "p0/accept_dad && ip link set p0 up && ip addr add 10.0.0.11/24 dev p0 && ip -6 addr add fd00::11/64 dev p0 nodad");
    ASSERT_TRUE(becomes([](const LanView& lan) { return lan.carrier; }));
  }
  static WantedNeighbour wanted(const char* address) { return {.port = PortId{4}, .vlan = 0, .address = ip(address)}; }
  bool becomes_managed(const char* address, bool managed) {
    return becomes([&](const LanView& lan) {
      const auto* each = neighbour(lan, address);
      return each != nullptr && each->managed == managed;
    });
  }
};

TEST_F(NeighboursTest, WantedAddressesAreResolvedInBothFamilies) {
  neighbours.want({wanted("10.0.0.11"), wanted("fd00::11"), wanted("10.0.0.99")});
  EXPECT_TRUE(becomes([&](const LanView& lan) {
    const auto *v4 = neighbour(lan, "10.0.0.11"), *v6 = neighbour(lan, "fd00::11");
    return v4 != nullptr && v4->usable() && v6 != nullptr && v6->usable();
  }));
  const auto* nobody = neighbour(mirror.view().lans[0], "10.0.0.99");
  EXPECT_TRUE(nobody == nullptr || !nobody->usable()) << "nobody has that address";
}

TEST_F(NeighboursTest, TheKernelIsAskedToKeepThemAndToStop) {
  neighbours.want({wanted("10.0.0.11")});
  if (!becomes_managed("10.0.0.11", true)) GTEST_SKIP() << "this kernel has no NTF_EXT_MANAGED (Linux 5.16)";
  neighbours.want({});
  EXPECT_TRUE(becomes_managed("10.0.0.11", false));
}

TEST_F(NeighboursTest, AFlushedEntryIsAskedForAgain) {
  neighbours.want({wanted("10.0.0.11")});
  ASSERT_TRUE(becomes([&](const LanView& lan) { return neighbour(lan, "10.0.0.11") != nullptr && neighbour(lan, "10.0.0.11")->usable(); }));
  run("ip link set n0 down");
  ASSERT_TRUE(becomes([&](const LanView& lan) { return neighbour(lan, "10.0.0.11") == nullptr; }));
  run("ip link set n0 up");
  ASSERT_TRUE(becomes([&](const LanView& lan) { return lan.carrier; }));
  neighbours.refresh();
  EXPECT_TRUE(becomes([&](const LanView& lan) { return neighbour(lan, "10.0.0.11") != nullptr && neighbour(lan, "10.0.0.11")->usable(); }));
}

TEST_F(NeighboursTest, AnOperatorsEntryStaysAsItIs) {
  run("ip neigh replace 10.0.0.11 lladdr 02:00:00:00:00:77 dev n0 nud permanent");
  ASSERT_TRUE(becomes([&](const LanView& lan) { return neighbour(lan, "10.0.0.11") != nullptr; }));
  neighbours.want({wanted("10.0.0.11")});
  neighbours.refresh();
  neighbours.want({});
  run("ip neigh show 10.0.0.11 dev n0 | grep -q '02:00:00:00:00:77 PERMANENT'");
}

TEST_F(NeighboursTest, AClientIsForgottenWhenNobodyAskedForItLately) {
  neighbours.want_client(wanted("10.0.0.11"));
  ASSERT_TRUE(becomes([&](const LanView& lan) { return neighbour(lan, "10.0.0.11") != nullptr && neighbour(lan, "10.0.0.11")->usable(); }));
  clock.advance(Neighbours::kClientLife - 1s);
  neighbours.refresh();
  EXPECT_EQ(neighbours.clients(), 1U);
  clock.advance(1s);
  neighbours.refresh();
  EXPECT_EQ(neighbours.clients(), 0U);
  EXPECT_TRUE(becomes_managed("10.0.0.11", false));
}

TEST_F(NeighboursTest, AClientThatIsAlsoABackendStays) {
  neighbours.want({wanted("10.0.0.11")});
  neighbours.want_client(wanted("10.0.0.11"));
  if (!becomes_managed("10.0.0.11", true)) GTEST_SKIP() << "this kernel has no NTF_EXT_MANAGED (Linux 5.16)";
  clock.advance(Neighbours::kClientLife);
  neighbours.refresh();
  EXPECT_EQ(neighbours.clients(), 0U);
  run("ip neigh show 10.0.0.11 dev n0 | grep -q managed");
}

TEST_F(NeighboursTest, ASweepThroughALanIsBounded) {
  for (std::uint32_t i = 0; i < 2000; ++i) {
    neighbours.want_client({.port = PortId{4}, .vlan = 0, .address = Ipv4Address{Be32{0x0a000100 + i}}});
  }
  EXPECT_EQ(neighbours.clients(), Neighbours::kMaxClients);
  EXPECT_EQ(neighbours.refused(), 2000 - Neighbours::kMaxClients);
}

}  // namespace
}  // namespace tandem
