// SPDX-License-Identifier: Apache-2.0
// Next hops: whom a frame is sent to, over which port, and what an entry may remember of it.
#include "tests/unit/config/build_world.h"

namespace tandem::config {
namespace {

class Resolving : public BuilderWorld {
 protected:
  std::unique_ptr<Generation> build_network() {
    builder_.set_network(network_);
    return builder_.build();
  }
};

TEST_F(Resolving, ABackendOnLinkIsReachedDirectly) {
  const auto built = build();
  const Adjacency& direct = hop(*built, slot("web", "web-1"));
  EXPECT_TRUE(direct.resolved());
  EXPECT_FALSE(direct.tagged());
  EXPECT_EQ(direct.target, mac(11));
  EXPECT_EQ(direct.source, kInsideMac);
  EXPECT_EQ(direct.port, kInside);
}

TEST_F(Resolving, ABackendElsewhereIsReachedByTheGateway) {
  configured(0, 0).address = endpoint("172.16.0.1:80");
  const auto built = build();
  EXPECT_EQ(hop(*built, slot("web", "web-1")).target, mac(254));
  EXPECT_EQ(hop(*built, slot("web", "web-1")).port, kOutside);
}

TEST_F(Resolving, ANewRouteMovesTheBackendsItsPrefixHoldsAndNoOthers) {
  configured(0, 0).address = endpoint("172.16.0.1:80"), configured(0, 1).address = endpoint("172.17.0.1:80");
  build();
  network_.lans[1].routes = {{prefix("172.16.0.0/16"), ip("10.0.0.13"), 0}};
  const auto moved = build_network();
  EXPECT_EQ(hop(*moved, slot("web", "web-1")).target, mac(13));
  EXPECT_EQ(hop(*moved, slot("web", "web-1")).port, kInside);
  EXPECT_EQ(hop(*moved, slot("web", "web-2")).target, mac(254));
  network_.lans[1].routes.clear();
  EXPECT_EQ(hop(*build_network(), slot("web", "web-1")).target, mac(254)) << "and back when it goes";
}

TEST_F(Resolving, AnUnansweredBackendIsFlaggedUntilItAnswers) {
  const auto before = build();
  EXPECT_FALSE(hop(*before, slot("mail", "mail-2")).resolved());
  network_.lans[1].neighbours.push_back({ip("10.0.0.22"), mac(22)});
  const auto after = build_network();
  EXPECT_TRUE(hop(*after, slot("mail", "mail-2")).resolved());
  EXPECT_EQ(before->routes, after->routes) << "it had its number already";
  EXPECT_EQ(before->route_version, after->route_version);
}

TEST_F(Resolving, WithoutARouteABackendIsUnreachableAndNamed) {
  network_.lans[0].routes.clear();
  configured(0, 0).address = endpoint("172.16.0.1:80");
  const auto built = build();
  EXPECT_FALSE(hop(*built, slot("web", "web-1")).resolved());
  EXPECT_EQ(builder_.unreachable(), std::vector{slot("web", "web-1")});
}

TEST_F(Resolving, ADirectServerReturnBackendBehindAGatewayIsUnreachable) {
  config_.service[0].forwarding = ForwardingMethod::l2_dsr;
  configured(0, 0).address = endpoint("172.16.0.1:80");
  const auto built = build();
  EXPECT_FALSE(hop(*built, slot("web", "web-1")).resolved());
  EXPECT_TRUE(hop(*built, slot("web", "web-2")).resolved());
  EXPECT_EQ(builder_.unreachable(), std::vector{slot("web", "web-1")});
}

TEST_F(Resolving, ABackendOnAVlanGetsItsTag) {
  network_.lans.push_back({{kInside, 7}, {prefix("10.7.0.1/24")}, {}, {{ip("10.7.0.5"), mac(5)}}});
  configured(0, 0).address = endpoint("10.7.0.5:80");
  const auto built = build();
  const Adjacency& tagged = hop(*built, slot("web", "web-1"));
  EXPECT_TRUE(tagged.tagged() && tagged.resolved());
  EXPECT_EQ(tagged.vlan.host(), 7);
  EXPECT_EQ(tagged.port, kInside);
}

TEST_F(Resolving, OfEqualRoutesTheOneOverAPortThatIsUpWins) {
  network_.lans[1].routes = {{prefix("0.0.0.0/0"), ip("10.0.0.254"), 100}};
  EXPECT_EQ(build()->routes->find(ip("8.8.8.8"))->port, kOutside) << "by metric";
  const auto version = build()->route_version;
  ports_[0].up = false;
  const auto failed = build();
  EXPECT_EQ(failed->routes->find(ip("8.8.8.8"))->port, kInside);
  EXPECT_NE(failed->route_version, version) << "clients' remembered next hops are wrong now";
}

TEST_F(Resolving, APortsNewMacIsWrittenAtOnce) {
  build();
  ports_[1].mac = mac(77);
  const auto built = build();
  EXPECT_EQ(hop(*built, slot("web", "web-1")).source, mac(77));
  EXPECT_EQ(built->ports->at(1).mac, mac(77));
}

TEST_F(Resolving, StaticPartsServePortsWithoutATwin) {
  network_ = {};
  ports_[0].twin = ports_[1].twin = TwinKind::none;
  config_.port[1].address = {prefix("10.0.0.1/24")};
  config_.port[1].neighbour = {{ip("10.0.0.11"), mac(1)}};
  config_.port[1].route = {{prefix("0.0.0.0/0"), ip("10.0.0.12")}};
  const auto built = build();
  EXPECT_EQ(built->ports->at(1).addresses, std::vector{prefix("10.0.0.1/24")});
  EXPECT_EQ(hop(*built, slot("web", "web-1")).target, mac(1));
  EXPECT_EQ(built->routes->find(ip("8.8.8.8"))->address, ip("10.0.0.12"));
}

TEST_F(Resolving, WantedAreBackendsOnLinkAndGateways) {
  configured(0, 0).address = endpoint("172.16.0.1:80");
  build();
  std::vector<NextHopKey> expected{{ip("10.0.0.12"), {kInside, 0}},
                                   {ip("10.0.0.13"), {kInside, 0}},
                                   {ip("10.0.0.21"), {kInside, 0}},
                                   {ip("10.0.0.22"), {kInside, 0}},
                                   {ip("192.0.2.254"), {kOutside, 0}}};
  EXPECT_EQ(builder_.wanted_neighbours(), expected);
}

TEST_F(Resolving, KnownSourcesAreBackendsAndGatewaysSorted) {
  configured(0, 0).address = endpoint("172.16.0.1:80");
  const auto built = build();
  EXPECT_TRUE(std::ranges::is_sorted(*built->known_sources));
  for (const char* known : {"172.16.0.1", "10.0.0.12", "192.0.2.254"})
    EXPECT_TRUE(std::ranges::binary_search(*built->known_sources, ip(known))) << known;
  EXPECT_FALSE(std::ranges::binary_search(*built->known_sources, ip("10.0.0.99")));
}

TEST_F(Resolving, AVipThatChecksAskForIsAKnownSourceAsLongAsTheyDo) {
  const IpAddress vip = ip("192.0.2.10");
  EXPECT_FALSE(std::ranges::binary_search(*build()->known_sources, vip));
  config_.service[0].forwarding = ForwardingMethod::l2_dsr;
  config_.service[0].check.type = CheckType::tcp, config_.service[0].check.via = CheckVia::vip;
  const auto built = build();
  EXPECT_TRUE(std::ranges::is_sorted(*built->known_sources));
  EXPECT_TRUE(std::ranges::binary_search(*built->known_sources, vip));
  EXPECT_FALSE(std::ranges::binary_search(*built->known_sources, ip("192.0.2.20"))) << "the other service's";
  EXPECT_EQ(built->known_sources, build()->known_sources) << "made once";
  config_.service[0].check.type = CheckType::none;
  EXPECT_FALSE(std::ranges::binary_search(*build()->known_sources, vip));
}

TEST_F(Resolving, AVipIsAnnouncedWhereAPrefixHoldsItElseEverywhere) {
  network_.lans.push_back({{kInside, 7}, {prefix("192.0.2.129/25")}, {}, {}});
  build();
  EXPECT_EQ(builder_.announced_on(ip("192.0.2.10")), (std::vector<Lan>{{kOutside, 0}}));
  EXPECT_EQ(builder_.announced_on(ip("192.0.2.200")), (std::vector<Lan>{{kOutside, 0}, {kInside, 7}}));
  EXPECT_EQ(builder_.announced_on(ip("203.0.113.1")), (std::vector<Lan>{{kOutside, 0}, {kInside, 0}, {kInside, 7}}));
}

TEST_F(Resolving, ANeighbourThatVanishesAndReturnsKeepsItsNumber) {
  network_.lans[0].neighbours.push_back({ip("192.0.2.77"), mac(77)});
  const auto before = build();
  const AdjacencyId client = before->routes->find(ip("192.0.2.77"))->adjacency;
  ASSERT_NE(client, kNoAdjacency);
  network_.lans[0].neighbours.pop_back();
  network_.lans[0].neighbours.insert(network_.lans[0].neighbours.begin(), {ip("192.0.2.50"), mac(50)});
  const auto without = build_network();
  EXPECT_FALSE((*without->adjacencies)[index(client)].resolved());
  EXPECT_NE(without->routes->find(ip("192.0.2.50"))->adjacency, client);
  network_.lans[0].neighbours.push_back({ip("192.0.2.77"), mac(78)});
  const auto back = build_network();
  EXPECT_EQ(back->routes->find(ip("192.0.2.77"))->adjacency, client);
  EXPECT_EQ((*back->adjacencies)[index(client)].target, mac(78));
  EXPECT_EQ(back->route_version, before->route_version);
}

TEST_F(Resolving, TheSameAddressOnTwoLansIsTwoNextHops) {
  network_.lans.push_back({{kInside, 7}, {}, {{prefix("172.16.0.0/16"), ip("10.0.0.11"), 0}}, {{ip("10.0.0.11"), mac(7)}}});
  const auto built = build();
  EXPECT_NE(built->routes->find(ip("172.16.0.1"))->adjacency, built->routes->find(ip("10.0.0.11"))->adjacency);
}

TEST_F(Resolving, ARouteThatChangesMakesEntriesLookAgain) {
  const auto before = build();
  network_.lans[0].routes.push_back({prefix("198.51.100.0/24"), ip("192.0.2.253"), 0});
  const auto after = build_network();
  EXPECT_NE(after->route_version, before->route_version);
  EXPECT_EQ(after->services, before->services);
  EXPECT_EQ(after->index, before->index);
}

TEST(AdjacencyTable, NumbersAreFreedOnlyWhenAllAreTakenAndThenEntriesAreTold) {
  AdjacencyTable table{4};
  const auto neighbour = [](std::uint8_t last) { return Neighbour{{Ipv4Address{Be32{last}}, {kInside, 0}}, mac(last)}; };
  table.want({neighbour(9).key});
  const AdjacencyId wanted = table.find(neighbour(9).key);
  table.learn({neighbour(1), neighbour(2), neighbour(3)});
  const AdjacencyId two = table.find(neighbour(2).key);
  table.learn({neighbour(1), neighbour(2)});
  EXPECT_EQ(table.frees(), 0u) << "3 is unresolved, but its number is not needed";
  table.learn({neighbour(1), neighbour(2), neighbour(4)});
  EXPECT_EQ(table.frees(), 1u);
  EXPECT_EQ(table.find(neighbour(3).key), kNoAdjacency);
  EXPECT_NE(table.find(neighbour(4).key), kNoAdjacency);
  EXPECT_EQ(table.find(neighbour(2).key), two);
  EXPECT_EQ(table.find(neighbour(9).key), wanted) << "unresolved, but somebody waits for it";

  table.learn({neighbour(1), neighbour(2), neighbour(4), neighbour(5)});
  EXPECT_EQ(table.left_out(), 1u);
  EXPECT_EQ(table.find(neighbour(5).key), kNoAdjacency);
  table.learn({neighbour(1), neighbour(2), neighbour(5)});
  EXPECT_NE(table.find(neighbour(5).key), kNoAdjacency) << "it asks again with every view";
}

}  // namespace
}  // namespace tandem::config
