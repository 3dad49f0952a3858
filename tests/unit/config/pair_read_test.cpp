// SPDX-License-Identifier: Apache-2.0
// The keys of a pair: read, shown, and the digest of what both nodes share.
#include "controlplane/config/canonical.h"
#include "controlplane/config/diff.h"
#include "controlplane/config/lan.h"
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

constexpr std::string_view kNode = R"(
[node]
name = "lb-a"
[[port]]
name = "outside"
device = "af_xdp:eth1"
vlan = [10]
peer_address = ["203.0.113.3", "10.10.0.3@10", "2001:db8::3"]
group_mac = "node"
[[port]]
name = "inside"
device = "af_xdp:eth2"
[sync]
local = "192.168.0.1"
peer = "192.168.0.2"
port = 9000
key = "/etc/tandem/pair.key"
)";
constexpr std::string_view kPair = R"(
[ha]
mode = "pair"
advert_interval = "50ms"
mac = "node"
vrrp = "unicast"
start_delay = "35s"
peer_gone = "2m"
preempt = false
[[group]]
name = "blue"
prefer = "lb-a.example.org"
vrid = { outside = 10, "outside.10" = 255, inside = 1 }
gateway = ["10.20.0.254/24", "fd00::fe/64"]
pool = ["10.20.0.240"]
transit = "route"
[[service]]
name = "web"
group = "blue"
listen = "203.0.113.10:80/tcp"
[[service.backend]]
name = "web-1"
address = "10.20.0.11:80"
)";

std::string both(std::string_view node = kNode, std::string_view pair = kPair) { return std::string{node}.append(pair); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ReadingAPair, EveryKeyReachesItsField) {
  const Config config = must_read(both());
  const Port& outside = config.port.at(0);
  ASSERT_EQ(outside.peer_address.size(), 3u);
  EXPECT_EQ(to_string(outside.peer_address[1]), "10.10.0.3@10");
  EXPECT_EQ(to_string(outside.peer_address[2]), "2001:db8::3");
  EXPECT_EQ(outside.group_mac, GroupMac::node_mac);
  EXPECT_FALSE(config.port.at(1).group_mac);
  EXPECT_EQ(config.sync, (Sync{parse_address("192.168.0.1").value(), parse_address("192.168.0.2").value(), 9000, "/etc/tandem/pair.key"}));
  EXPECT_EQ(config.ha,
            (Ha{HaMode::pair, milliseconds{50}, GroupMac::node_mac, milliseconds{35'000}, milliseconds{120'000}, VrrpTo::unicast, false}));
  const Group& blue = config.group.at(0);
  EXPECT_EQ(blue.prefer, "lb-a.example.org");
  EXPECT_EQ(blue.vrid, (std::map<LanName, std::uint8_t>{{{"outside", 0}, 10}, {{"outside", 10}, 255}, {{"inside", 0}, 1}}));
  EXPECT_EQ(to_string(blue.gateway.at(1)), "fd00::fe/64");
  EXPECT_EQ(to_string(blue.pool.at(0)), "10.20.0.240");
  EXPECT_EQ(blue.transit, Transit::route);
  EXPECT_EQ(config.service.at(0).group, "blue");
}

TEST(ReadingAPair, TheDefaultsStandWhereNothingIsSaid) {
  const Config config = must_read(both(kNode, "[[group]]\nname = \"blue\"\n"));
  ASSERT_TRUE(config.ha) << "a group implies [ha]";
  EXPECT_EQ(*config.ha, Ha{});
  EXPECT_FALSE(config.ha->advert_interval) << "auto";
  EXPECT_EQ(config.group.at(0).transit, Transit::drop);
  EXPECT_FALSE(must_read("[node]\n").ha);
}

TEST(ReadingAPair, AutoIsTheSameAsNothing) {
  const std::string said = both(kNode, "[ha]\nadvert_interval = \"auto\"\n[[group]]\nname = \"blue\"\n");
  EXPECT_EQ(must_read(said).hash, must_read(both(kNode, "[[group]]\nname = \"blue\"\n")).hash);
}

TEST(ReadingAPair, ASlipInAKeyIsToldWhatWasMeant) {
  const ReadOutcome outcome = read(both(kNode, replaced(std::string{kPair}, "preempt", "premept")));
  ASSERT_FALSE(outcome.diagnostics.empty());
  EXPECT_EQ(outcome.diagnostics.front().note, "did you mean \"preempt\"?");
  const ReadOutcome elsewhere = read("[ha]\nvrid = 3\n");
  ASSERT_FALSE(elsewhere.diagnostics.empty());
  EXPECT_EQ(elsewhere.diagnostics.front().note, "belongs in [[group]]");
}

TEST(ReadingAPair, AGroupThatComesIsOneChangeAndItsValuesAreShownLater) {
  const Config none = must_read(kNode), some = must_read(both());
  std::vector<std::string> texts;
  for (const Change& change : diff(none, some)) texts.push_back(to_text(change));
  EXPECT_EQ(texts, (std::vector<std::string>{
                       "group.blue added: prefers lb-a.example.org, VRID 1 on inside, VRID 10 on outside, VRID 255 on outside.10",
                       "ha added: pair", "service.web added: 203.0.113.10:80/tcp with 1 backend"}));
  const Config moved = must_read(replaced(both(), "outside = 10", "outside = 11"));
  EXPECT_EQ(diff(some, moved), (std::vector<Change>{{"group.blue.vrid", "inside = 1, outside = 10, outside.10 = 255",
                                                     "inside = 1, outside = 11, outside.10 = 255"}}));
}

TEST(PairHash, IsOfWhatBothNodesShareAlone) {
  const Config one = must_read(both());
  const Config other = must_read(both(replaced(replaced(std::string{kNode}, "lb-a", "lb-b"), "203.0.113.3", "203.0.113.2")));
  EXPECT_EQ(one.pair_hash.size(), 12u);
  EXPECT_EQ(one.pair_hash, other.pair_hash);
  EXPECT_NE(one.hash, other.hash);
}

TEST(PairHash, OrderLayoutAndSpellingDoNotCount) {
  const std::string reordered =
      replaced(replaced(std::string{kPair}, "mode = \"pair\"\n", ""), "preempt = false\n", "preempt = false\nmode = \"pair\"\n");
  const std::string spelt = replaced(replaced(reordered, "\"2m\"", "\"120s\""), "{ outside = 10, \"outside.10\" = 255, inside = 1 }",
                                     "{ inside = 1, \"outside.10\" = 255, outside = 10 }");
  const std::string one = must_read(both()).pair_hash;
  EXPECT_EQ(one, must_read(both(kNode, spelt)).pair_hash);
  EXPECT_EQ(one, must_read(both(kPair, kNode)).pair_hash);
  const Source files[] = {{"node.toml", std::string{kNode}, Part::node}, {"pair.toml", std::string{kPair}, Part::pair}};
  EXPECT_EQ(one, load(files, kFourCores).config.value().pair_hash);
}

TEST(PairHash, AnyDifferenceInServicesGroupsOrTimersCounts) {
  const std::string one = must_read(both()).pair_hash;
  for (const auto& [from, to] : {std::pair{"10.20.0.11", "10.20.0.12"}, {"outside = 10", "outside = 11"}, {"\"50ms\"", "\"60ms\""}})
    EXPECT_NE(one, must_read(replaced(both(), from, to)).pair_hash) << from;
}

}  // namespace
}  // namespace tandem::config
