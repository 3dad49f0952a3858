// SPDX-License-Identifier: Apache-2.0
// Each diagnostic code, produced by a file that holds nothing else that is wrong, at its exact place.
#include "tests/unit/config/codes_support.h"

namespace tandem::config {
namespace {

// Line 1 is the one with name and listen of a sound service, where a case needs one; `check` silences W309.
const Case kCases[] = {
    {"E002", 2, 11, "string: encountered end-of-file", "[node]\nname = \"lb"},
    {"E101", 3, 1, "unknown key \"wight\" in [[port]] \"a\"", "[[port]]\nname = \"a\"\nwight = 1\ndevice = \"null\"\n"},
    {"E101", 1, 1, "unknown key \"cores\" outside of any section", "cores = [1]\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E102", 1, 2, "unknown section \"dataplan\"", "[dataplan]\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E103", 1, 1, "[[port]] \"a\" needs device", "[[port]]\nname = \"a\"\n"},
    {"E104", 4, 1, "\"mode\" in [[port]] \"a\" is not yet built in this version",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\nmode = \"access\"\n"},
    {"E104", 4, 2, "[mirror] is not yet built in this version", "[[port]]\nname = \"a\"\ndevice = \"null\"\n[mirror]\n"},
    {"E105", 1, 1, "port must be written as [[port]], one section each", "[port]\nname = \"a\"\n"},
    {"E105", 4, 13, "dataplane must be a table: [dataplane] or dataplane = { … }",
     "port = [{name = \"a\", device = \"null\"}]\n\n\ndataplane = 3"},
    {"E201", 2, 8, "name must be a string, got a whole number", "[node]\nname = 7\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E201", 2, 9, "cores must be a list, each item a whole number, got a string",
     "[dataplane]\ncores = \"1\"\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E202", 2, 8, "idle must be one of \"spin\", \"adaptive\", got \"spinn\"",
     "[dataplane]\nidle = \"spinn\"\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E203", 2, 11, "workers must be 1..64, got 65", "[dataplane]\nworkers = 65\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E205", 2, 15, "connections: '2 M' is not a count; expected one as in 80, 64k, 2M",
     "[dataplane]\nconnections = \"2 M\"\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E206", 4, 15, "neighbour: 'x' is not an IP address; expected one as in 10.0.0.1 or fd00::1",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\nneighbour = { \"x\" = \"02:00:00:00:00:11\" }\n"},
    {"E207", 4, 12, "address: '10.0.0.1' has no /length; expected a prefix as in 10.0.0.0/24 or fd00::/64",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\naddress = [\"10.0.0.1\"]\n"},
    {"E210", 4, 7, "mac: 'x' is not a MAC address; expected six pairs of hex digits as in 02:00:00:00:00:11",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\nmac = \"x\"\n"},
    {"E211", 2, 8, "name: 'a b' is not a name; expected 1 to 63 letters, digits, '-' or '_', not beginning with '-'",
     "[[port]]\nname = \"a b\"\ndevice = \"null\"\n"},
    {"E212", 3, 10, "device: 'af_xpd:eth1' is not a device; did you mean \"af_xdp\"?",
     "[[port]]\nname = \"a\"\ndevice = \"af_xpd:eth1\"\n"},
    {"E215", 2, 8, "name holds a control character", "[node]\nname = \"a\\u0000b\"\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E301", 5, 8, "there is a port \"a\" already (line 2)",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E303", 2, 13, "core 1 is given twice", "[dataplane]\ncores = [1, 1]\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E304", 2, 13, "core 64 cannot be used here; there are 0-3",
     "[dataplane]\ncores = [1, 64]\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E305", 3, 11, "workers and cores exclude each other: with cores there is one worker for each",
     "[dataplane]\ncores = [1]\nworkers = 2\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"},
    {"E306", 6, 10, "af_xdp:eth1 is already used by port \"a\" (line 3)",
     "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n[[port]]\nname = \"b\"\ndevice = \"af_xdp:eth1\"\n"},
    {"E307", 6, 10, "interface eth1 is already used by port \"a\" (line 3)",
     "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n[[port]]\nname = \"b\"\ndevice = \"af_packet:eth1\"\n"},
    {"E307", 6, 10, "interface eth1 is already used by port \"a\" (line 3)",
     "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n[[port]]\nname = \"b\"\ndevice = \"net_af_packet0,iface=eth1\"\n"},
    {"E308", 4, 7, "01:00:5e:00:00:12 is a multicast address; a single station's has an even first byte",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\nmac = \"01:00:5e:00:00:12\"\n"},
    {"E309", 4, 12, "224.0.0.1/24 is a multicast address", "[[port]]\nname = \"a\"\ndevice = \"null\"\naddress = [\"224.0.0.1/24\"]\n"},
    {"E316", 5, 25, "gateway 10.0.1.254 is in no prefix of port \"a\"",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\naddress = [\"10.0.0.1/24\"]\nroute = { \"0.0.0.0/0\" = \"10.0.1.254\" }\n"},
    {"E311", 5, 25, "the route to 0.0.0.0/0 cannot go by fd00::1, which is of the other family",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\naddress = [\"fd00::9/64\"]\nroute = { \"0.0.0.0/0\" = \"fd00::1\" }\n"},
    {"E318", 4, 13, "VLAN 10 is given twice", "[[port]]\nname = \"a\"\ndevice = \"null\"\nvlan = [10, 10]\n"},
    {"E318", 4, 55, "neighbour: fd00::1 is given twice",
     "[[port]]\nname = \"a\"\ndevice = \"null\"\nneighbour = { \"fd00::1\" = \"02:00:00:00:00:11\",        \"fd00:0::1\" = "
     "\"02:00:00:00:00:12\" }\n"},
    {"W306", 0, 0, "there is no [[port]]: no packet can come or go", ""},
    {"W307", 4, 11, "address is meant for ports without a kernel twin; what the kernel says of af_packet:eth1 counts too",
     "[[port]]\nname = \"a\"\ndevice = \"af_packet:eth1\"\naddress = [\"10.0.0.1/24\"]\n"},
};

// The same, of services: each text follows a sound port on lines 1 to 3.
constexpr std::string_view kPort = "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n";
const Case kServiceCases[] = {
    {"E104", 7, 13, "scheduler \"single-writer\" is not yet built in this version",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\nscheduler = \"single-writer\"\n[[service.backend]]\nname = "
     "\"b\"\naddress = "
     "\"10.0.0.1:80\"\n"},
    {"E204", 7, 9, "grace needs a unit; expected a duration as in \"250ms\", \"10s\", \"5m\", \"2h\"",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ngrace = 60\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:80\"\n"},
    {"E208", 9, 11, "address: '10.0.0.1:0' has a wrong port; expected 1 to 65535",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:0\"\n"},
    {"E209", 6, 10, "listen: '203.0.113.10:80' has no protocol; expected address, port and protocol as in 203.0.113.10:80/tcp",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n"},
    {"E213", 7, 37, "expect: '2xx' is not a list of HTTP statuses; expected one as in 200, 200-299 or 200,204",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ncheck = { type = \"http\", expect =   \"2xx\" "
     "}\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n"},
    {"E214", 6, 10, "listen needs at least one item",
     "[[service]]\nname = \"s\"\nlisten = []\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n"},
    {"E301", 12, 8, "service \"s\" has a backend \"b\" already (line 9)",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ncheck.type = \"tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:80\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.2:80\"\n"},
    {"E301", 11, 8, "there is a service \"s\" already (line 5)",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:80\"\n[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:81/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.2:80\"\n"},
    {"E309", 6, 10, "127.0.0.1 is a loopback address and cannot be a VIP",
     "[[service]]\nname = \"s\"\nlisten = \"127.0.0.1:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n"},
    {"E309", 9, 11, ":: is the unspecified address and cannot be a backend",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"[::]:80\"\n"},
    {"E310", 12, 10, "203.0.113.10:80/tcp is already used by service \"s\" (line 6)",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:80\"\n[[service]]\nname = \"t\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.2:80\"\n"},
    {"E311", 9, 11,
     "backend \"b\" of service \"s\" is IPv6, but 203.0.113.10:80/tcp is IPv4; expected a service of its own for each family",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"[fd00::1]:80\"\n"},
    {"E103", 7, 14, "ipip needs tunnel_source: the IPv4 prefix that packets to the backends come from, e.g. \"198.51.100.0/24\"",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\nforwarding = \"ipip\"\ntunnel_source = "
     "\"2001:db8:100::/64\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n"},
    {"E103", 7, 14, "full-nat needs [node] pool: IPv4 addresses that its backends see as their clients",
     "[[service]]\nname = \"s\"\nlisten = \"[2001:db8::10]:80/tcp\"\nforwarding = \"full-nat\"\n[[service.backend]]\nname = \"b\"\naddress "
     "= "
     "\"10.0.0.1:80\"\n"},
    {"E312", 10, 11, "backend \"b\" of service \"s\" must use port 80 as 203.0.113.10:80/tcp does: l2-dsr changes no port",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\nforwarding = \"l2-dsr\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:8080\"\n"},
    {"E314", 6, 10, "10.0.0.1 is the address of backend \"b\" of service \"s\" (line 9)",
     "[[service]]\nname = \"s\"\nlisten = \"10.0.0.1:80/tcp\"\ncheck = { type = \"tcp\" }\n[[service.backend]]\naddress = "
     "\"10.0.0.1:8080\"\nname = \"b\"\n"},
    {"E317", 13, 11, "10.0.0.1:80 is already backend \"b\" of service \"s\" (line 10)",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ncheck.type = \"tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:80\"\n[[service.backend]]\nname = \"c\"\naddress = \"10.0.0.1:80\"\n"},
    {"E319", 7, 9, "a check over TCP of a UDP service needs check.port: the TCP port to ask",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:53/udp\"\ncheck = { type = \"tcp\" }\n[[service.backend]]\nname = \"b\"\naddress "
     "= \"10.0.0.1:53\"\n"},
    {"W301", 4, 1, "service \"s\" has no backends: its connections go nowhere",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n"},
    {"W302", 4, 1, "all backends of service \"s\" have weight 0: nobody takes new connections",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\nweight = "
     "0\n"},
    {"W303", 9, 11, "a timeout of 1s is not below the interval of 1s: checks come later than it says",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[service.check]\ntype = \"tcp\"\ntimeout = "
     "\"1s\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n"},
    {"W304", 6, 10,
     "10.0.0.200 is on the LAN of backend \"b\" of service \"s\": clients on that LAN, other backends too, get answers past nat and fail",
     "[[service]]\nname = \"s\"\nlisten = \"10.0.0.200:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n"},
    {"W309", 4, 1, "service \"s\" has no check: a dead backend keeps its share",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:80\"\n[[service.backend]]\nname = \"c\"\naddress = \"10.0.0.2:80\"\n"},
};

TEST(Codes, OfPortsAndDataplane) {
  for (const Case& one : kCases) expect_only(one, read(one.text));
}

TEST(Codes, OfServices) {
  for (const Case& one : kServiceCases) expect_only(one, read(std::string{kPort}.append(one.text)));
}

std::string service_with(std::size_t backends, const std::string& rest) {
  std::string text = std::string{kPort} + "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n" + rest + "\n";
  for (std::size_t i = 0; i < backends; ++i) {
    text += "[[service.backend]]\nname = \"b" + std::to_string(i) + "\"\naddress = \"10.0." + std::to_string(i / 250) + "." +
            std::to_string(i % 250 + 1) + ":80\"\n";
  }
  return text;
}

TEST(Codes, E003AFileAboveOneMebibyte) {
  expect_only({"E003", 0, 0, "the file has 1048577 bytes; at most 1 MiB is read", ""}, read(std::string((1 << 20) + 1, '\n')));
}

TEST(Codes, E004AKeyOfTooManyParts) {
  expect_only({"E004", 2, 32, "a key of more than 16 dotted parts", ""}, read("[node]\na.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q = 1\n"));
}

TEST(Codes, E002WhatTheParserMustNotSee) {
  expect_only({"E002", 2, 2, "a character outside ASCII; expected it in strings and comments alone", ""},
              read("[node]\nhüge = 1 # ü\n[[port]]\nname = \"a\"\ndevice = \"null\"\n"));
}

TEST(Codes, E302TooManyPorts) {
  std::string text;
  for (int i = 0; i < 33; ++i) text += "[[port]]\nname = \"p" + std::to_string(i) + "\"\ndevice = \"null\"\n";
  expect_only({"E302", 97, 1, "33 ports; at most 32 can be used", ""}, read(text));
}

TEST(Codes, E302TooManyBackendsAreCountedOnceForEachListenEntry) {
  const auto listens = [](int count) {
    std::string list = "listen = [";
    for (int i = 1; i <= count; ++i) list += "\"203.0.113.10:" + std::to_string(i) + "/tcp\",";
    return list + "]";
  };
  std::string text = service_with(4, "check.type = \"tcp\"");
  const std::string one = "listen = \"203.0.113.10:80/tcp\"";
  text.replace(text.find(one), one.size(), listens(4096));
  EXPECT_TRUE(read(text).config) << "4096 x 4 is exactly the limit";
  text += "[[service.backend]]\nname = \"more\"\naddress = \"10.9.9.9:80\"\n";
  expect_only({"E302", 4, 1, "more than 16384 backends in all, counted once for each listen entry", ""}, read(text));
}

TEST(Codes, E302TooManyListenEntries) {
  std::string text{kPort};
  for (int i = 1; i <= 4097; ++i) {
    const std::string n = std::to_string(i);
    text += "[[service]]\nname = \"s" + n + "\"\nlisten = \"203.0.113.10:" + n +
            "/tcp\"\nbackend = [{name = \"b\", address = \"10.0.0.1:80\"}]\n";
  }
  expect_only({"E302", 16388, 1, "more than 4096 listen entries in all", ""}, read(text));
}

TEST(Codes, E313AShareOfFewerThanFourSlots) {
  // 64 x 256 + 1: the last gets 65537/16385 = 3 slots. One backend of weight 256 fewer, and it gets 4.
  const auto with = [](std::size_t heavy) {
    std::string text = service_with(heavy, "check = { type = \"tcp\" }");
    for (std::size_t at = text.find(":80\"\n", text.find("backend")); at != text.npos; at = text.find(":80\"\n", at + 1))
      text.insert(at + 5, "weight = 256\n");
    return text + "[[service.backend]]\nname = \"light\"\naddress = \"10.9.9.9:80\"\nweight = 1\n";
  };
  EXPECT_TRUE(read(with(63)).config) << summary(read(with(63)));
  expect_only(
      {"E313", 267, 10, "backend \"light\" of service \"s\" would get 3 of 65537 slots (weight 1 of 16385); at least 4 are needed", ""},
      read(with(64)));
}

TEST(Codes, E315AVipThatIsTheNodesOwnAddress) {
  const std::string text =
      "[[port]]\nname = \"a\"\ndevice = \"null\"\naddress = [\"203.0.113.10/24\", \"10.0.0.254/24\"]\n"
      "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n";
  expect_only({"E315", 7, 10, "203.0.113.10 is the node's own address on port \"a\" (line 4)", ""}, read(text));
}

TEST(Codes, W305ManyChecksASecond) {
  expect_only({"W305", 7, 37, "40 checks every 50ms are 800 checks a second", ""},
              read(service_with(40, "check = { type = \"tcp\", interval =  \"50ms\", timeout = \"20ms\" }")));
}

TEST(Codes, W308ABackendThatNoPortReaches) {
  const std::string text =
      "[[port]]\nname = \"a\"\ndevice = \"null\"\naddress = [\"10.0.0.254/24\"]\n"
      "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.1.1:80\"\n";
  expect_only({"W308", 10, 11, "backend \"b\" of service \"s\" is in no prefix and no route of any port", ""}, read(text));
}

TEST(Codes, E006NoMoreThanAHundredAreShown) {
  std::string text = "[node]\n";
  for (int i = 0; i < 5000; ++i) text += "nonsense" + std::to_string(i) + " = 1\n";
  const ReadOutcome outcome = read(text);
  ASSERT_EQ(outcome.diagnostics.size(), Report::kMost + 1);
  EXPECT_EQ(info(outcome.diagnostics.back().code).name, "E006");
  seen().insert("E006");
}

TEST(Codes, OfFilesThatCannotBeRead) {
  const TemporaryDirectory directory;
  const ReadOutcome missing = load_path(directory.file("absent.toml"), kFourCores);
  expect_only({"E001", 0, 0, "cannot read: No such file or directory", ""}, missing);
  EXPECT_EQ(render(missing.diagnostics.front(), false),
            directory.file("absent.toml") + ": error[E001]: cannot read: No such file or directory\n");
  write_file(directory.file("pair.toml"), "");
  expect_only({"E001", 0, 0, "cannot read: No such file or directory", ""}, load_path(directory.path(), kFourCores));
  write_file(directory.file("tandem.toml"), "");
  expect_only({"E005", 0, 0, "holds tandem.toml and node.toml or pair.toml; expected tandem.toml alone, or the other two", ""},
              load_path(directory.path(), kFourCores));
}

// Runs last, by its name's place in the file: no code may be without a test.
TEST(Codes, ZEachHasBeenProduced) {
  for (const CodeInfo& each : all_codes()) EXPECT_TRUE(seen().contains(each.name)) << each.name << ": " << each.text;
}

}  // namespace
}  // namespace tandem::config
