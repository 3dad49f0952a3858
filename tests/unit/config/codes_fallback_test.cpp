// SPDX-License-Identifier: Apache-2.0
// What is said of slow starts and of fallbacks that make no sense.
#include "tests/unit/config/codes_support.h"

namespace tandem::config {
namespace {

// Two sound services, "s" from line 4 and "sorry" behind it; more lines of each go below its listen line.
std::string two_services(std::string_view more_of_s, std::string_view more_of_sorry = "", std::string_view listens = "203.0.113.11:80/tcp",
                         std::string_view server = "10.0.0.2:80") {
  std::string text = "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\n";
  text.append(more_of_s).append("[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n");
  text.append("[[service]]\nname = \"sorry\"\nlisten = \"").append(listens).append("\"\n").append(more_of_sorry);
  return text.append("[[service.backend]]\nname = \"b\"\naddress = \"").append(server).append("\"\n");
}

void expect_at(std::uint32_t line, std::uint32_t column, std::string_view code, std::string_view sentence, const std::string& text) {
  expect_only({code, line, column, sentence, text}, read(text));
}

constexpr std::string_view kToSorry = "fallback = \"sorry\"\n", kDirect = "forwarding = \"l2-dsr\"\n";

TEST(Codes, E327ASlowStartNeedsASchedulerWithShares) {
  const auto with = [](std::string_view scheduler) {
    return two_services(std::string{"scheduler = \""}.append(scheduler).append("\"\nslow_start = \"10s\"\n"));
  };
  constexpr std::string_view kSentence =
      "slow_start needs a scheduler that can give less than a share for a while: consistent-round-robin, round-robin or "
      "least-connections, not ";
  expect_at(8, 14, "E327", std::string{kSentence} + "maglev", with("maglev"));
  expect_at(8, 14, "E327", std::string{kSentence} + "source-hash", with("source-hash"));
  for (const char* sound : {"consistent-round-robin", "round-robin", "least-connections"}) EXPECT_EQ(summary(read(with(sound))), "");
  EXPECT_EQ(summary(read(two_services("scheduler = \"maglev\"\nslow_start = \"0s\"\n"))), "");
}

TEST(Codes, E328AFallbackThatIsNotThere) {
  expect_at(7, 12, "E328", "there is no service \"sorri\"; did you mean \"sorry\"?", two_services("fallback = \"sorri\"\n"));
}

TEST(Codes, E329OneStepAlone) {
  expect_at(7, 12, "E329", "service \"s\" cannot be its own fallback", two_services("fallback = \"s\"\n"));
  const std::string last =
      "[[service]]\nname = \"last\"\nlisten = \"203.0.113.12:80/tcp\"\n[[service.backend]]\nname = \"b\"\n"
      "address = \"10.0.0.3:80\"\n";
  expect_at(7, 12, "E329", "service \"sorry\" has a fallback itself, \"last\": one step is taken, so name the last one here",
            two_services(kToSorry, "fallback = \"last\"\n") + last);
  EXPECT_EQ(read(two_services(kToSorry, "fallback = \"s\"\n")).diagnostics.size(), 2u) << "a circle, told at both";
}

TEST(Codes, E330AFallbackMustBeAbleToServe) {
  EXPECT_EQ(summary(read(two_services(kToSorry))), "");
  expect_at(7, 12, "E330", "service \"sorry\" forwards by l2-dsr, and its servers are set up for that, not for nat",
            two_services(kToSorry, kDirect));
  expect_at(7, 12, "E330", "service \"sorry\" has nothing that could serve 203.0.113.10:80/tcp: it listens on no tcp over IPv4",
            two_services(kToSorry, "", "203.0.113.11:80/udp"));
  expect_at(7, 12, "E330", "service \"sorry\" has nothing that could serve 203.0.113.10:80/tcp: it listens on no tcp over IPv4",
            two_services(kToSorry, "", "[2001:db8::1]:80/tcp", "[fd00::2]:80"));
  const std::string direct = std::string{kDirect}.append("fallback = \"sorry\"\n");
  expect_at(8, 12, "E330",
            "service \"sorry\" has nothing that could serve 203.0.113.10:80/tcp: it listens on no tcp over IPv4 with that port, and l2-dsr "
            "changes no port",
            two_services(direct, kDirect, "203.0.113.11:81/tcp", "10.0.0.2:81"));
  EXPECT_EQ(summary(read(two_services(kToSorry, "", "203.0.113.11:81/tcp", "10.0.0.2:81"))), "") << "nat changes ports";
}

TEST(Codes, E330WithNatAFallbackIsOfTheSameGroup) {
  const std::string groups = "[ha]\nmode = \"vrrp\"\n[[group]]\nname = \"g\"\ngateway = [\"10.0.0.254/24\"]\n";
  expect_at(8, 12, "E330", "service \"sorry\" is of another group: its servers would answer through the node that serves that one",
            two_services("group = \"g\"\nfallback = \"sorry\"\n") + groups);
  EXPECT_EQ(summary(read(two_services("group = \"g\"\nfallback = \"sorry\"\n", "group = \"g\"\n") + groups)), "");
}

TEST(Codes, W314ThePanicThresholdKeepsAFallbackFromBeingReached) {
  const auto with = [](std::string_view threshold) {
    std::string text = two_services(std::string{kToSorry}.append("check.type = \"tcp\"\n").append(threshold));
    for (int i = 3; i <= 5; ++i) {
      const std::string n = std::to_string(i), more = "[[service.backend]]\nname = \"b" + n + "\"\naddress = \"10.0.0." + n + ":80\"\n";
      text.insert(text.find("[[service]]\nname = \"sorry\""), more);
    }
    return text;
  };
  expect_at(7, 12, "W314",
            "checks that fail never bring service \"s\" to its fallback while panic_threshold keeps backends that are down in service; "
            "\"0%\" lets them go",
            with(""));
  EXPECT_EQ(summary(read(with("panic_threshold = \"0%\"\n"))), "");
}

}  // namespace
}  // namespace tandem::config
