// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>

#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

TEST(Reading, AnEmptyFileIsAllDefaults) {
  const Config config = must_read("");
  EXPECT_EQ(config.node.name, "node");
  EXPECT_EQ(config.dataplane.connections, 1'000'000u);
  EXPECT_TRUE(config.port.empty() && config.service.empty());
  EXPECT_EQ(config.hash.size(), 12u);
}

TEST(Reading, EveryKeyReachesItsField) {
  const Config config = must_read(R"(
[node]
name = "lb-a.example.org"
[dataplane]
cores = [2, 3]
idle = "adaptive"
connections = "2M"
connections_ipv6 = 5000
hugepages = "off"
buffers = "64k"
icmp_errors_pps = "20k"
adoptions_pps = "30k"
punt = { control_pps = 1, known_pps = "3k", rest_pps = 0 }
[[port]]
name = "replayed"
device = "pcap:in.pcap,out.pcap"
mac = "02:00:00:00:00:01"
mtu_bytes = 9000
address = ["10.0.0.1/24", "fd00::1/64"]
neighbour = { "10.0.0.11" = "02:00:00:00:00:11" }
route = { "0.0.0.0/0" = "10.0.0.254", "::/0" = "fd00::fe" }
vlan = [10, 20]
queues = 2
[[service]]
name = "web"
listen = ["203.0.113.10:80/tcp", "203.0.113.11:80/tcp"]
forwarding = "l2-dsr"
scheduler = "round-robin"
grace = "0s"
panic_threshold = "75%"
timeouts = { half_open = "3s", established = "8h", fin = "1m", time_wait = "30s", reset = "5s", udp_one_way = "10s", udp_two_way = "90s" }
[service.check]
type = "https"
path = "/healthz"
host = "www"
expect = "200,204"
interval = "2s"
timeout = "250ms"
rise = 1
fall = 5
jitter = 0.25
port = "8443"
ca = "/etc/ca.pem"
sni = "www.example.org"
verify = false
[[service.backend]]
name = "web-1"
address = "10.0.0.11:80"
weight = 256
)");
  EXPECT_EQ(config.node.name, "lb-a.example.org");
  EXPECT_EQ(config.dataplane.cores, (std::vector<unsigned>{2, 3}));
  EXPECT_EQ(config.dataplane.idle, Idle::adaptive);
  EXPECT_EQ(config.dataplane.connections, 2'000'000u);
  EXPECT_EQ(config.dataplane.connections_ipv6, 5000u);
  EXPECT_EQ(config.dataplane.hugepages, Hugepages::off);
  EXPECT_EQ(config.dataplane.buffers, 64'000u);
  EXPECT_EQ(config.dataplane.icmp_errors_pps, 20'000u);
  EXPECT_EQ(config.dataplane.adoptions_pps, 30'000u);
  EXPECT_EQ(config.dataplane.punt.known_pps, 3000u);
  EXPECT_EQ(config.dataplane.punt.rest_pps, 0u);
  const Port& port = config.port.at(0);
  EXPECT_EQ(to_string(port.mac.value()), "02:00:00:00:00:01");
  EXPECT_EQ(port.mtu_bytes, 9000);
  EXPECT_EQ(to_string(port.address.at(1)), "fd00::1/64");
  EXPECT_EQ(to_string(port.neighbour.at(parse_address("10.0.0.11").value())), "02:00:00:00:00:11");
  EXPECT_EQ(to_string(port.route.at(parse_prefix("::/0").value())), "fd00::fe");
  EXPECT_EQ(port.vlan, (std::vector<std::uint16_t>{10, 20}));
  EXPECT_EQ(port.queues, 2u);
  const Service& service = config.service.at(0);
  EXPECT_EQ(service.listen.size(), 2u);
  EXPECT_EQ(service.forwarding, ForwardingMethod::l2_dsr);
  EXPECT_EQ(service.scheduler, SchedulerKind::round_robin);
  EXPECT_EQ(service.grace, milliseconds{0});
  EXPECT_EQ(service.panic_threshold, 75u);
  EXPECT_EQ(service.timeouts.established, 8 * 3600);
  EXPECT_EQ(service.timeouts.udp_two_way, 90);
  EXPECT_EQ(service.check.type, CheckType::https);
  EXPECT_EQ(service.check.timeout, milliseconds{250});
  EXPECT_EQ(service.check.jitter, 0.25);
  EXPECT_EQ(service.check.port, 8443);
  EXPECT_FALSE(service.check.verify);
  EXPECT_EQ(service.backend.at(0).weight, 256);
}

TEST(Reading, OneSlipInTheSyntaxDoesNotHideTheNext) {
  const ReadOutcome outcome = read("[node]\nname = lb\n\n[dataplane]\nidle = \"spin\"\nidle = \"adaptive\"\n\n[[port]]\nnme = \"a\"\n");
  EXPECT_EQ(summary(outcome).substr(0, 4), "2:8 ");
  ASSERT_EQ(outcome.diagnostics.size(), 3u) << summary(outcome);
  EXPECT_EQ(outcome.diagnostics[1].code, Code::syntax);
  EXPECT_EQ(outcome.diagnostics[1].place.line, 6u) << "the key given twice";
  EXPECT_EQ(outcome.diagnostics[2].code, Code::unknown_key) << "what is missing is not told of while lines are left out";
}

TEST(Reading, AListThatIsNeverClosedIsOneError) {
  const ReadOutcome outcome = read("[dataplane]\ncores = [1, 2\nidle = \"spin\"\nbuffers = 1\nworkers = 2\n");
  EXPECT_EQ(outcome.diagnostics.size(), 1u) << summary(outcome);
}

TEST(Reading, TheRightKeyUnderTheWrongHeadingIsToldWhereItBelongs) {
  const ReadOutcome outcome = read("[node]\nidle = \"spin\"\n");
  ASSERT_FALSE(outcome.diagnostics.empty());
  EXPECT_EQ(outcome.diagnostics.front().note, "belongs in [dataplane]");
}

TEST(Reading, ADirectoryMeansItsTandemToml) {
  const TemporaryDirectory directory;
  write_file(directory.file("tandem.toml"), "[node]\nname = \"x\"\n");
  const ReadOutcome outcome = load_path(directory.path(), kFourCores);
  ASSERT_TRUE(outcome.config) << summary(outcome);
  EXPECT_EQ(outcome.config->node.name, "x");
  EXPECT_EQ(outcome.text, "[node]\nname = \"x\"\n");
}

TEST(Reading, CoresAreNotJudgedWhereTheMachineIsNotKnown) {
  EXPECT_TRUE(load("[dataplane]\ncores = [900]\n", "f", Machine{}).config);
  EXPECT_FALSE(this_machine().cores.empty());
}

TEST(Reading, AServiceOfBothFamiliesIsRefusedOncePerBackend) {
  const ReadOutcome outcome = read(
      "[[service]]\nname = \"s\"\nlisten = [\"203.0.113.10:80/tcp\", \"[2001:db8::10]:80/tcp\"]\n"
      "backend = [{ name = \"b\", address = \"10.0.0.1:80\" }]\n");
  EXPECT_EQ(std::count_if(outcome.diagnostics.begin(), outcome.diagnostics.end(),
                          [](const Diagnostic& d) { return d.code == Code::family_differs; }),
            1)
      << summary(outcome);
}

// Whatever the file holds: an answer, in bounded time, with bounded words.
void expect_refused(const std::string& text) {
  const ReadOutcome outcome = read(text);
  EXPECT_FALSE(outcome.config);
  EXPECT_LE(outcome.diagnostics.size(), Report::kMost + 1);
  EXPECT_LT(render(outcome.diagnostics, true).size(), 200'000u);
}

TEST(HostileText, NumbersBeyondAllTypes) {
  for (const char* number : {"9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e400", "nan", "inf",
                             "0xffffffffffffffff", "99999999999999999999999999"}) {
    expect_refused(std::string{"[dataplane]\nworkers = "} + number + "\n");
    expect_refused(std::string{"[dataplane]\nconnections = "} + number + "\n");
    expect_refused(std::string{"[[service]]\nname=\"s\"\nlisten=\"203.0.113.1:80/tcp\"\ncheck={type=\"tcp\",jitter="} + number + "}\n");
    expect_refused(std::string{"[[service]]\nname=\"s\"\nlisten=\"203.0.113.1:80/tcp\"\ngrace=\""} + number + "s\"\n");
  }
}

TEST(HostileText, NulBytesAndBrokenUtf8) {
  expect_refused(std::string{"[node]\nname = \"a\0b\"\n", 20});
  expect_refused(std::string{"\0", 1});
  expect_refused("[node]\nname = \"\xff\xfe\"\n");
  expect_refused("[node]\nname = \"\xed\xa0\x80\"\n");
  expect_refused(std::string(1 << 20, '\0'));
}

TEST(HostileText, DeepNestingDoesNotEndTheProcess) {
  const std::size_t deep = 500'000;
  expect_refused("x = " + std::string(deep, '[') + std::string(deep, ']'));
  std::string dotted = "a";
  for (std::size_t i = 0; i < deep; ++i) dotted += ".a";
  expect_refused("[" + dotted + "]\n");
  expect_refused(dotted + " = 1\n");
  std::string hidden = "[node]\nname = { x = \"\"\"\n\"\"\", " + dotted.substr(0, 900'000) + " = 1 }\n";
  expect_refused(hidden);
  std::string braces;
  for (std::size_t i = 0; i < 100'000; ++i) braces += "{a=";
  expect_refused("x = " + braces);
  std::string spaced = "\"=\"";
  for (std::size_t i = 0; i < 100'000; ++i) spaced += " . '='";
  expect_refused(spaced + " = 1");
}

TEST(HostileText, AMebibyteOfEachKind) {
  const std::size_t full = 1 << 20;
  expect_refused("[node]\nname = \"" + std::string(full - 20, 'a') + "\"\n");
  expect_refused(std::string(full, 'a'));
  expect_refused(std::string(full, '='));
  std::string sections;
  while (sections.size() + 12 < full) sections += "[[service]]\n";
  expect_refused(sections);
  std::string ports;
  while (ports.size() + 9 < full) ports += "[[port]]\n";
  expect_refused(ports);
  std::string list = "[dataplane]\ncores = [";
  while (list.size() + 4 < full) list += "1,";
  expect_refused(list + "]\n");
}

TEST(HostileText, RandomDamageToAGoodFileNeverDoesMoreThanRefuse) {
  const std::string good = content_of(TANDEM_SOURCE_ROOT "/configs/tandem.toml");
  std::mt19937 random{2026};
  std::size_t refused = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text = good;
    for (int i = 0; i < 4; ++i) {
      const std::size_t at = random() % text.size();
      if (i % 2 == 0) text[at] = static_cast<char>(random());
      else text.erase(at, random() % 20);
    }
    const ReadOutcome outcome = read(text);
    refused += outcome.config ? 0u : 1u;
    ASSERT_EQ(outcome.config.has_value(), !has_errors(outcome.diagnostics));
  }
  EXPECT_GT(refused, 100u) << "damage that is never seen was not damage";
}

}  // namespace
}  // namespace tandem::config
