// SPDX-License-Identifier: Apache-2.0
// Checks that ask backends for a VIP: which, by which mark, and what is said of those that cannot.
#include "controlplane/config/vip_checks.h"

#include <set>

#include "tests/unit/config/codes_support.h"

namespace tandem::config {
namespace {

// One service "s" from line 4 on; its own keys begin at 7.
std::string service_with(std::string_view keys, std::string_view listens = "203.0.113.10:80/tcp", std::string_view server = "10.0.0.1:80") {
  std::string text = "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n[[service]]\nname = \"s\"\nlisten = [\"";
  text.append(listens).append("\"]\n").append(keys).append("[[service.backend]]\nname = \"b\"\naddress = \"");
  return text.append(server).append("\"\n");
}
std::string via_vip(std::string_view forwarding) {
  return "forwarding = \"" + std::string{forwarding} + "\"\ncheck = { type = \"tcp\", via = \"vip\" }\n";
}

void expect_via(std::string_view sentence, const std::string& text, std::uint32_t line = 8) {
  const ReadOutcome outcome = read(text);
  ASSERT_EQ(outcome.diagnostics.size(), 1u) << summary(outcome);
  EXPECT_EQ(info(outcome.diagnostics.front().code).name, "E344") << summary(outcome);
  EXPECT_EQ(outcome.diagnostics.front().text, sentence);
  EXPECT_EQ(outcome.diagnostics.front().place.line, line);
  seen().insert("E344");
}

TEST(Codes, E344AVipIsAskedForWhereServersHaveIt) {
  EXPECT_EQ(summary(read(service_with(via_vip("l2-dsr")))), "");
  constexpr std::string_view kOthers =
      "via = \"vip\" is for servers that answer clients themselves (l2-dsr, ipip, gue): others never see the VIP";
  expect_via(kOthers, service_with(via_vip("nat")));
  EXPECT_EQ(summary(read(service_with("check = { type = \"tcp\", via = \"backend\" }\n"))), "") << "as without the key";
  const std::string tunnel = via_vip("ipip") + "tunnel_source = [\"198.51.100.0/24\", \"2001:db8::/64\"]\n";
  EXPECT_EQ(summary(read(service_with(tunnel))), "");
  expect_via("backend \"b\" and no listen address are of one family: its kernel's connection keeps its family",
             service_with(tunnel, "203.0.113.10:80/tcp", "[2001:db8:1::1]:80"));
}

TEST(Codes, E344AServerIsAskedFor63VipsAtMost) {
  std::string text;
  const auto with = [&](int services) {
    text = "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n";
    for (int i = 1; i <= services; ++i) {
      const std::string n = std::to_string(i);
      text += "[[service]]\nname = \"s" + n + "\"\nlisten = \"203.0.113." + n + ":80/tcp\"\n" + via_vip("l2-dsr") +
              "[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n";
    }
    return text;
  };
  EXPECT_EQ(summary(read(with(63))), "");
  expect_via("backend \"b\": 63 checks ask 10.0.0.1 for a VIP already, and no more can be told apart", with(64), 3 + 63 * 8 + 5);
}

TEST(Codes, W315EveryVipButTheFirstOfAFamilyIsNotAskedFor) {
  const std::string both = service_with(via_vip("l2-dsr"), "203.0.113.10:80/tcp\", \"203.0.113.11:80/tcp");
  expect_only(
      {"W315", 6, 34, "203.0.113.11 is not asked for: checks by way of the VIP ask for the first of a backend's family alone", both},
      read(both));
}

void expect_code(std::string_view code, std::string_view sentence, const std::string& text) {
  const ReadOutcome outcome = read(text);
  ASSERT_EQ(outcome.diagnostics.size(), 1u) << summary(outcome);
  EXPECT_EQ(info(outcome.diagnostics.front().code).name, code) << summary(outcome);
  EXPECT_EQ(outcome.diagnostics.front().text, sentence);
  seen().insert(code);
}

constexpr std::string_view kTcp = "check = { type = \"tcp\", port = 53 }\n";
std::string with_check(std::string_view more) { return std::string{kTcp}.append(more); }

TEST(Codes, E345PassiveAdvisesACheckByWhatHandshakesTell) {
  EXPECT_EQ(summary(read(service_with(with_check("passive = {}\n")))), "");
  EXPECT_EQ(summary(read(service_with(with_check("passive = { failed = 1, of = 1 }\n")))), "");
  expect_code("E345", "passive advises a check, and service \"s\" has none", service_with("passive = {}\n"));
  expect_code("E345", "passive goes by TCP's handshakes: datagrams have none",
              service_with(with_check("passive = {}\n"), "203.0.113.10:80/udp"));
  expect_code("E345", "11 of the last 10 is never reached", service_with(with_check("passive = { failed = 11 }\n")));
}

TEST(Codes, W316WhereAnswersGoPastUsHalfOfItIsNotSeen) {
  expect_code("W316", "answers do not pass Tandem: refusals are not seen, and clients that never go on count as not answered",
              service_with(with_check("forwarding = \"l2-dsr\"\npassive = {}\n")));
}

TEST(Passive, IsOffUnlessItsSectionIsThere) {
  EXPECT_FALSE(read(service_with(kTcp)).config->service[0].passive);
  const ReadOutcome some = read(service_with(with_check("passive = { of = 20 }\n")));
  EXPECT_EQ(some.config->service[0].passive, (Passive{5, 20}));
}

TEST(VipChecks, EachOfAServersHasAMarkOfItsOwn) {
  Config config;
  for (int i = 0; i < 63; ++i) {
    Service made;
    made.name = "s" + std::to_string(i);
    made.listen = {{parse_address("203.0.113." + std::to_string(i + 1)).value(), 80, Protocol::tcp}};
    made.check.type = CheckType::http, made.check.via = CheckVia::vip;
    made.backend = {{"b", parse_endpoint("10.0.0.1:80").value()}, {"c", parse_endpoint("10.0.0.2:80").value()}};
    config.service.push_back(made);
  }
  config.service[1].check.via = CheckVia::backend;
  std::set<unsigned> marks;
  const std::vector<VipCheck> checks = vip_checks(config);
  for (const VipCheck& check : checks)
    if (check.backend->name == "b") marks.insert(check.mark);
  EXPECT_EQ(checks.size(), 2U * 62);
  EXPECT_EQ(marks.size(), 62U);
  EXPECT_FALSE(marks.contains(0)) << "that is no mark";
  EXPECT_LE(*marks.rbegin(), 63U);
  EXPECT_EQ(checks[0].mark, 3) << "pool 2 of RFC 2474, for local use, first";
  EXPECT_EQ(checks[1].mark, 3) << "another server's";
  EXPECT_EQ(checks[2].mark, 7) << "the second service asks for no VIP";
}

TEST(VipChecks, TheVipIsTheFirstOfTheBackendsFamily) {
  Config config;
  Service made;
  made.listen = {{parse_address("203.0.113.1").value(), 80, Protocol::tcp}, {parse_address("2001:db8::1").value(), 80, Protocol::tcp}};
  made.check.type = CheckType::tcp, made.check.via = CheckVia::vip;
  made.backend = {{"b", parse_endpoint("[2001:db8:1::1]:80").value()}};
  config.service = {made};
  const std::vector<VipCheck> checks = vip_checks(config);
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(to_string(checks.front().vip()), "2001:db8::1");
  EXPECT_EQ(checks.front().port(), 80);
}

}  // namespace
}  // namespace tandem::config
