// SPDX-License-Identifier: Apache-2.0
// What is said of the two nodes of a pair, of groups, and of services in them: each once, at its exact place.
#include "tests/unit/config/codes_support.h"

namespace tandem::config {
namespace {

// Lines 1 to 12: two ports, of which the second says its addresses, and the way to the other node.
constexpr std::string_view kNode = R"([[port]]
name = "outside"
device = "af_xdp:eth1"
vlan = [10]
[[port]]
name = "inside"
device = "null"
address = ["10.0.0.1/24"]
[sync]
local = "192.168.0.1"
peer = "192.168.0.2"
key = "/etc/tandem/pair.key"
)";

// Behind them, from line 13.
const Case kGroupCases[] = {
    {"E103", 13, 1, "[[group]] needs name", "[[group]]\nvrid = { outside = 10 }\n"},
    {"E202", 14, 8, "mode must be one of \"pair\", \"vrrp\", got \"vrp\"", "[ha]\nmode = \"vrp\"\n"},
    {"E203", 14, 19, "advert_interval must be 10ms..10s, got 9ms", "[ha]\nadvert_interval = \"9ms\"\n"},
    {"E203", 15, 20, "vrid must be 1..255, got 256", "[[group]]\nname = \"g\"\nvrid = { outside = 256 }\n"},
    {"E216", 15, 10, "vrid: 'inside.0' is not a LAN; expected a port's name, or one with a VLAN tag as in inside.20",
     "[[group]]\nname = \"g\"\nvrid = { \"inside.0\" = 1 }\n"},
    {"E216", 15, 10, "vrid: a LAN with a VLAN tag stands in quotes, as in \"inside.20\" = 11",
     "[[group]]\nname = \"g\"\nvrid = { outside.10 = 1 }\n"},
    {"E301", 16, 8, "there is a group \"g\" already (line 14)", "[[group]]\nname = \"g\"\n[[group]]\nname = \"g\"\n"},
    {"E309", 15, 12, "224.0.0.1 is a multicast address and cannot be a gateway", "[[group]]\nname = \"g\"\ngateway = [\"224.0.0.1/24\"]\n"},
    {"E320", 15, 20, "there is no port \"outsid\"", "[[group]]\nname = \"g\"\nvrid = { outsid  = 10 }\n"},
    {"E320", 15, 25, "port \"outside\" does not serve VLAN 20", "[[group]]\nname = \"g\"\nvrid = { \"outside.20\" = 10 }\n"},
    {"E321", 18, 39, "VRID 10 on outside is already used by group \"g\" (line 15)",
     "[[group]]\nname = \"g\"\nvrid = { outside = 10 }\n[[group]]\nname = \"h\"\nvrid = { \"outside.10\" = 10, outside = 10 }\n"},
    {"E324", 15, 12, "10.0.0.0/24 is no host of its prefix; expected one as in 10.0.0.254/24",
     "[[group]]\nname = \"g\"\ngateway = [\"10.0.0.0/24\"]\n"},
    {"E324", 15, 12, "10.0.0.255/24 is no host of its prefix; expected one as in 10.0.0.254/24",
     "[[group]]\nname = \"g\"\ngateway = [\"10.0.0.255/24\"]\n"},
    {"E324", 15, 12, "10.0.0.1 is the node's own address on port \"inside\" (line 8) and cannot be a gateway",
     "[[group]]\nname = \"g\"\ngateway = [\"10.0.0.1/24\"]\n"},
    {"E324", 15, 23, "10.1.0.240 ends in the same two bytes as 10.0.0.240, by which the nodes tell them apart",
     "[[group]]\nname = \"g\"\npool = [\"10.0.0.240\", \"10.1.0.240\"]\n"},
    {"E324", 16, 9, "10.0.0.254 is a gateway of group \"g\" (line 15) and cannot be a pool address",
     "[[group]]\nname = \"g\"\ngateway = [\"10.0.0.254/24\"]\npool = [\"10.0.0.254\"]\n"},
};

TEST(Codes, OfGroups) {
  for (const Case& one : kGroupCases) expect_only(one, read(std::string{kNode}.append(one.text)));
}

// The same, of services: behind a group on lines 13 to 16, a service from line 17 on, with its backend at the end.
constexpr std::string_view kGroup = "[[group]]\nname = \"blue\"\nvrid = { outside = 10 }\ngateway = [\"10.0.0.254/24\"]\n";
constexpr std::string_view kBackend = "[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.11:80\"\n";
const Case kMemberCases[] = {
    {"E322", 20, 9, "there is no group \"bleu\"; did you mean \"blue\"?",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ngroup = \"bleu\"\n"},
    {"E323", 25, 10, "203.0.113.10 is in no group here and in group \"blue\" by service \"s\" (line 17); a VIP moves as one",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ngroup = \"blue\"\nbackend = [{ name = \"b\", address = "
     "\"10.0.0.11:80\" }]\n\n[[service]]\nname = \"t\"\nlisten = \"203.0.113.10:81/tcp\"\n"},
    {"E324", 16, 12, "10.0.0.254 is a VIP of service \"s\" (line 19) and cannot be a gateway",
     "[[service]]\nname = \"s\"\nlisten = \"10.0.0.254:80/tcp\"\nforwarding = \"l2-dsr\"\n"},
    {"W312", 20, 9, "servers of nat service \"s\" need a way home that moves with it: group \"blue\" has no IPv6 gateway",
     "[[service]]\nname = \"s\"\nlisten = \"[2001:db8::10]:80/tcp\"\ngroup = \"blue\"\n"},
    {"W313", 19, 10, "10.0.0.40 lies on inside, where group \"blue\" has no VRID: it is announced on all LANs where the group has one",
     "[[service]]\nname = \"s\"\nlisten = \"10.0.0.40:80/tcp\"\ngroup = \"blue\"\nforwarding = \"l2-dsr\"\n"},
};

TEST(Codes, OfServicesInGroups) {
  for (const Case& one : kMemberCases) {
    const bool ipv6 = one.text.find("[2001") != one.text.npos;
    std::string text = std::string{kNode}.append(kGroup).append(one.text).append(kBackend);
    if (ipv6) text.replace(text.rfind("10.0.0.11:80"), 12, "[fd00::11]:80");
    expect_only(one, read(text));
  }
}

// Of the other node, in a file of its own each.
constexpr std::string_view kPeerPort = "[[port]]\nname = \"a\"\ndevice = \"null\"\naddress = [\"10.0.0.1/24\"]\n";
const Case kPeerCases[] = {
    {"E103", 5, 1, "[sync] needs peer beside local", "[sync]\nlocal = \"10.9.0.1\"\n"},
    {"E206", 5, 17, "peer_address: 'x' is not an IP address; expected one as in 10.0.0.1 or fd00::1", "peer_address = [\"x\"]\n"},
    {"E206", 5, 17, "peer_address: '10.0.0.2@x' has no VLAN tag behind the @; expected one as in 203.0.113.3@10, 1 to 4094",
     "peer_address = [\"10.0.0.2@x\"]\n"},
    {"E309", 5, 17, "255.255.255.255 is the broadcast address and cannot be the other node's", "peer_address = [\"255.255.255.255\"]\n"},
    {"E311", 7, 8, "fd00::2 is of another family than local 10.9.0.1", "[sync]\nlocal = \"10.9.0.1\"\npeer = \"fd00::2\"\n"},
    {"E316", 5, 17, "peer 10.0.1.2 is in no prefix of port \"a\"", "peer_address = [\"10.0.1.2\"]\n"},
    {"E318", 5, 29, "peer_address 10.0.0.2 is given twice", "peer_address = [\"10.0.0.2\", \"10.0.0.2\"]\n"},
    {"E320", 5, 17, "port \"a\" does not serve VLAN 10", "peer_address = [\"10.0.0.2@10\"]\n"},
    {"E325", 5, 17, "10.0.0.1 is this node's own address; expected the other node's", "peer_address = [\"10.0.0.1\"]\n"},
    {"E325", 7, 8, "10.9.0.1 is this node's own address; expected the other node's", "[sync]\nlocal = \"10.9.0.1\"\npeer = \"10.9.0.1\"\n"},
    {"E326", 5, 1, "groups of a pair need a way to the other node: a port's peer_address, or [sync] with local and peer",
     "[[group]]\nname = \"g\"\n"},
    {"W310", 6, 1, "[sync] has no key: hellos are not authenticated, elections follow RFC 9568 alone",
     "peer_address = [\"10.0.0.2\"]\n[sync]\n[[group]]\nname = \"g\"\n"},
};

TEST(Codes, OfTheOtherNode) {
  for (const Case& one : kPeerCases) expect_only(one, read(std::string{kPeerPort}.append(one.text)));
}

std::string groups(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "[[group]]\nname = \"g" + std::to_string(i) + "\"\n";
  return text;
}

TEST(Codes, OfTooManyGroups) {
  expect_only({"E302", 45, 1, "17 groups; at most 16 can be used", ""}, read(std::string{kNode} + groups(17)));
}

TEST(Codes, W311ManyGroupsSlowVrrpDownAndFourDoNot) {
  const std::string fast = std::string{kNode} + "[ha]\nadvert_interval = \"50ms\"\n";
  EXPECT_EQ(summary(read(fast + groups(4))), "");
  EXPECT_EQ(summary(read(std::string{kNode} + groups(5))), "") << "\"auto\" judges itself";
  expect_only({"W311", 14, 19, "with more than 4 groups VRRP on the wire slows to 200ms; hellos keep to 50ms", ""}, read(fast + groups(5)));
}

TEST(Codes, VrrpAloneAsksForNoWayToThePeer) {
  EXPECT_EQ(summary(read(std::string{kPeerPort} + "[ha]\nmode = \"vrrp\"\n" + groups(1))), "");
}

TEST(Codes, E106ASectionInTheWrongOfTwoFiles) {
  const Source node{"/etc/tandem/node.toml", std::string{kNode}, Part::node};
  const Source both[] = {node, {"/etc/tandem/pair.toml", "\n[dataplane]\nworkers = 1\n", Part::pair}};
  const ReadOutcome wrong = load(both, kFourCores);
  expect_only({"E106", 2, 2, "[dataplane] belongs in node.toml", ""}, wrong);
  EXPECT_EQ(wrong.diagnostics.at(0).file, "/etc/tandem/pair.toml");
  EXPECT_EQ(wrong.diagnostics.at(0).source_line, "[dataplane]");
  const Source swapped[] = {{"node.toml", std::string{kNode} + "[[service]]\nname = \"s\"\n", Part::node}, {"pair.toml", "", Part::pair}};
  expect_only({"E106", 13, 3, "[[service]] belongs in pair.toml", ""}, load(swapped, kFourCores));
}

}  // namespace
}  // namespace tandem::config
