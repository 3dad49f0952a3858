// SPDX-License-Identifier: Apache-2.0
// Diagnostics of prefixes, ranges and ports that are left out.
#include "tests/unit/config/codes_support.h"

namespace tandem::config {
namespace {

// Each text follows a sound port on lines 1 to 3.
constexpr std::string_view kPort = "[[port]]\nname = \"a\"\ndevice = \"af_xdp:eth1\"\n";
const Case kCases[] = {
    {"E310", 12, 10,
     "203.0.113.10:8050-8150/tcp overlaps 203.0.113.10:8000-8099/tcp of service \"s\" (line 6); cut one of them so that each port is in "
     "one range",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:8000-8099/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1\"\n[[service]]\nname = \"t\"\nlisten = \"203.0.113.10:8050-8150/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.2\"\n"},
    {"E310", 12, 10, "203.0.113.64/28:80/tcp is already used by service \"s\" (line 6)",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.64/28:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1\"\n[[service]]\nname = \"t\"\nlisten = \"203.0.113.64/28:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.2\"\n"},
    {"E312", 10, 11, "backend \"b\" of service \"s\" must name no port as 203.0.113.10:8000-8099/tcp has several: l2-dsr changes no port",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:8000-8099/tcp\"\nforwarding = \"l2-dsr\"\n[[service.backend]]\nname = "
     "\"b\"\naddress = \"10.0.0.1:8000\"\n"},
    {"E314", 6, 10, "203.0.113.70, in 203.0.113.64/28, is the address of backend \"b\" of service \"s\" (line 10)",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.64/28:80/tcp\"\nforwarding = \"l2-dsr\"\n[[service.backend]]\nname = \"b\"\naddress "
     "= \"203.0.113.70\"\n"},
    {"E317", 13, 11, "10.0.0.1 is already backend \"b\" of service \"s\" (line 10)",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\ncheck.type = \"tcp\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1:80\"\n[[service.backend]]\nname = \"c\"\naddress = \"10.0.0.1\"\n"},
    {"E319", 7, 9, "backend \"b\" of service \"s\" has whatever port its client asks for, so its check needs check.port: the port to ask",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:8000-8099/tcp\"\ncheck = { type = \"tcp\" }\n[[service.backend]]\nname = "
     "\"b\"\naddress = \"10.0.0.1\"\n"},
    {"E340", 7, 18, "client_address is full-nat's: with the other methods the packets say it themselves",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:80/tcp\"\nclient_address = \"toa\"\n[[service.backend]]\nname = \"b\"\naddress = "
     "\"10.0.0.1\"\n"},
    {"E209", 6, 10, "listen: '203.0.113.65/28' has bits behind its length; expected 203.0.113.64/28",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.65/28:80/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1\"\n"},
    {"E209", 6, 10, "listen: '8099-8000' ends before it begins; expected the lower port first",
     "[[service]]\nname = \"s\"\nlisten = \"203.0.113.10:8099-8000/tcp\"\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1\"\n"},
};

TEST(Codes, OfPrefixesAndRanges) {
  for (const Case& one : kCases) expect_only(one, read(std::string{kPort}.append(one.text)));
}

std::string services(std::initializer_list<std::pair<const char*, const char*>> listens_and_groups) {
  std::string text{kPort};
  int number = 0;
  for (const auto& [listen, group] : listens_and_groups) {
    const std::string n = std::to_string(++number);
    text += "[[service]]\nname = \"s" + n + "\"\nforwarding = \"l2-dsr\"\nlisten = \"" + listen + "\"\n" + group +
            "[[service.backend]]\nname = \"b\"\naddress = \"10.0.0." + n + "\"\n";
  }
  return text;
}

TEST(Listens, WhatIsNarrowerThanAnotherIsNoContradiction) {
  const ReadOutcome outcome = read(services({{"203.0.113.0/24:*/tcp", ""},
                                             {"203.0.113.0/24:80/tcp", ""},
                                             {"203.0.113.0/24:8000-8099/tcp", ""},
                                             {"203.0.113.10:80/tcp", ""},
                                             {"203.0.113.64/28:80/tcp", ""},
                                             {"203.0.113.10:8050/tcp", ""},
                                             {"203.0.113.10:8000-8099/tcp", ""},
                                             {"203.0.113.10:8000-8099/udp", ""},
                                             {"203.0.113.10:8100-8199/tcp", ""}}));
  EXPECT_TRUE(outcome.config) << summary(outcome);
}

TEST(Listens, APrefixAroundAVipOfAnotherGroupIsRefused) {
  const char* blue = "group = \"blue\"\n";
  const std::string groups = "[[group]]\nname = \"blue\"\n";
  for (const auto& listens : {services({{"203.0.113.0/24:*/tcp", ""}, {"203.0.113.10:80/tcp", blue}}),
                              services({{"203.0.113.10:80/tcp", ""}, {"203.0.113.0/24:*/tcp", blue}}),
                              services({{"203.0.113.64/28:80/tcp", blue}, {"203.0.113.0/24:*/tcp", ""}})}) {
    const ReadOutcome outcome = read(listens + groups);
    EXPECT_NE(summary(outcome).find("E323"), std::string::npos) << summary(outcome);
  }
}

TEST(Listens, AGatewayOrPoolAddressWithinAPrefixIsRefused) {
  for (const char* key : {"gateway = [\"203.0.113.70/24\"]\n", "pool = [\"203.0.113.70\"]\n"}) {
    const ReadOutcome outcome = read(services({{"203.0.113.64/28:80/tcp", "group = \"blue\"\n"}}) + "[[group]]\nname = \"blue\"\n" + key);
    EXPECT_NE(summary(outcome).find("E324"), std::string::npos) << summary(outcome);
  }
}

TEST(ClientAddress, IsForTcpAlone) {
  const std::string text =
      std::string{kPort} +
      "[node]\npool = [\"10.0.0.240\"]\n[[service]]\nname = \"s\"\nforwarding = \"full-nat\"\nclient_address = \"proxy-v2\"\nlisten = ";
  const std::string backend = "\n[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:80\"\n";
  const ReadOutcome tcp = read(text + "\"203.0.113.10:80/tcp\"" + backend),
                    udp = read(text + "[\"203.0.113.10:80/tcp\", \"203.0.113.10:80/udp\"]" + backend);
  ASSERT_TRUE(tcp.config) << summary(tcp);
  EXPECT_EQ(tcp.config->service[0].client_address, ClientAddress::proxy_v2);
  EXPECT_NE(summary(udp).find("E340"), std::string::npos) << summary(udp);
}

TEST(ClientAddress, OfALenderIsTheSame) {
  const auto service = [](const char* name, const char* port, const char* more) {
    return std::string{"[[service]]\nname = \""} + name + "\"\nforwarding = \"full-nat\"\nlisten = \"203.0.113.10:" + port + "/tcp\"\n" +
           more + "[[service.backend]]\nname = \"b\"\naddress = \"10.0.0.1:" + port + "\"\n";
  };
  const std::string text =
      std::string{kPort} + "[node]\npool = [\"10.0.0.240\"]\n" + service("lender", "81", "client_address = \"proxy-v2\"\n");
  const ReadOutcome differs = read(text + service("s", "80", "fallback = \"lender\"\n"));
  const ReadOutcome same = read(text + service("s", "80", "fallback = \"lender\"\nclient_address = \"proxy-v2\"\n"));
  EXPECT_NE(summary(differs).find("E330"), std::string::npos) << summary(differs);
  EXPECT_TRUE(same.config) << summary(same);
}

}  // namespace
}  // namespace tandem::config
