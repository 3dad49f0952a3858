// SPDX-License-Identifier: Apache-2.0
#include "common/net/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>

namespace tandem {
namespace {

template <typename T>
std::string reason(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

IpAddress ip(std::string_view text) { return parse_address(text).value(); }
Prefix prefix(std::string_view text) { return parse_prefix(text).value(); }

TEST(Address, ReadsWhatItPrints) {
  for (const char* text : {"0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "::1", "fd00::1", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8"}) {
    ASSERT_TRUE(parse_address(text)) << text;
    EXPECT_EQ(to_string(ip(text)), text);
  }
}

TEST(Address, Ipv4LiesInNetworkOrderBehindTheMappedPrefix) {
  const IpAddress address = ip("10.1.2.3");
  EXPECT_EQ(address.family, Family::ipv4);
  EXPECT_EQ(address.v4().value.host(), 0x0a010203u);
  EXPECT_EQ(address.bytes[10], 0xff);
  EXPECT_EQ(address.bytes[11], 0xff);
}

TEST(Address, PrintsIpv6AsRfc5952Says) {
  EXPECT_EQ(to_string(ip("2001:0DB8:0000:0000:0000:0000:0000:0001")), "2001:db8::1") << "4.1 leading zeros, 4.3 lower case";
  EXPECT_EQ(to_string(ip("2001:db8:0:1:1:1:1:1")), "2001:db8:0:1:1:1:1:1") << "4.2.2 a single zero group is not shortened";
  EXPECT_EQ(to_string(ip("2001:0:0:1:0:0:0:1")), "2001:0:0:1::1") << "4.2.3 the longest run";
  EXPECT_EQ(to_string(ip("2001:db8:0:0:1:0:0:1")), "2001:db8::1:0:0:1") << "4.2.3 the first among equals";
  EXPECT_EQ(to_string(ip("1:2:3:4:5:6:0:0")), "1:2:3:4:5:6::");
  EXPECT_EQ(to_string(ip("0:0:3:4:5:6:7:8")), "::3:4:5:6:7:8");
}

TEST(Address, RandomIpv6GoesOutAndInUnchangedAndEqualsTheLibrarys) {
  std::mt19937 random{5952};
  for (int round = 0; round < 20'000; ++round) {
    Ipv6Address address;
    for (auto& byte : address.bytes) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : 0);
    address.bytes[0] = 0x20;  // clear of ::/96, where the C library writes a dotted quad
    char library[INET6_ADDRSTRLEN];
    ASSERT_NE(inet_ntop(AF_INET6, address.bytes.data(), library, sizeof library), nullptr);
    const std::string text = to_string(IpAddress{address});
    ASSERT_EQ(text, library);
    ASSERT_EQ(ip(text), IpAddress{address});
  }
}

TEST(Address, RefusesWhatIsNotExactlyAnAddress) {
  for (std::string_view text : {"",
                                " ",
                                "10.0.0",
                                "10.0.0.0.1",
                                "10.0.0.256",
                                "010.0.0.1",
                                "10.0.0.01",
                                "0x0a.0.0.1",
                                "10.0.0.1 ",
                                " 10.0.0.1",
                                "+1.0.0.1",
                                "-1.0.0.1",
                                "10.0.0.1:80",
                                "localhost",
                                ":",
                                ":::",
                                "1::2::3",
                                "1:2:3:4:5:6:7",
                                "1:2:3:4:5:6:7:8:9",
                                "12345::",
                                "g::1",
                                "fe80::1%eth0",
                                "[::1]",
                                "::1 ",
                                "1:2:3:4:5:6:7:",
                                "2001:db8::10.0.0.300"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_FALSE(parse_address(std::string_view{"10.0.0.1\0", 9}));
  EXPECT_FALSE(parse_address(std::string_view{"10.0.0.1\0.5", 11}));
  EXPECT_FALSE(parse_address(std::string(1 << 20, '1')));
}

TEST(Address, ARefusalSaysWhatWasExpectedAndStaysShort) {
  EXPECT_EQ(reason(parse_address("10.0.0")), "'10.0.0' is not an IP address; expected one as in 10.0.0.1 or fd00::1");
  EXPECT_EQ(reason(parse_address("10.0.0.1/24")), "'10.0.0.1/24' has a /length; expected an address alone");
  EXPECT_EQ(reason(parse_address("::ffff:10.0.0.1")), "'::ffff:10.0.0.1' is an IPv4 address written as IPv6; expected 10.0.0.1");
  EXPECT_LT(reason(parse_address(std::string(1 << 20, 'x'))).size(), 200u);
}

TEST(Address, MappedAddressesFromPacketsArePrintedAsSuch) {
  Ipv6Address mapped{ip("192.0.2.1").bytes};
  EXPECT_EQ(to_string(IpAddress{mapped}), "::ffff:192.0.2.1");
  EXPECT_NE(IpAddress{mapped}, ip("192.0.2.1")) << "same bytes, another family";
}

TEST(Address, KindsAreToldApartInBothFamilies) {
  EXPECT_TRUE(ip("224.0.0.18").is_multicast() && ip("239.255.255.255").is_multicast() && ip("ff02::1").is_multicast());
  EXPECT_FALSE(ip("223.255.255.255").is_multicast() || ip("240.0.0.1").is_multicast() || ip("fe80::1").is_multicast());
  EXPECT_TRUE(ip("0.0.0.0").is_unspecified() && ip("::").is_unspecified());
  EXPECT_FALSE(ip("0.0.0.1").is_unspecified() || ip("::1").is_unspecified() || ip("1::").is_unspecified());
  EXPECT_TRUE(ip("169.254.1.1").is_link_local() && ip("fe80::1").is_link_local() && ip("febf::1").is_link_local());
  EXPECT_FALSE(ip("169.253.1.1").is_link_local() || ip("fec0::1").is_link_local());
  EXPECT_TRUE(ip("127.0.0.1").is_loopback() && ip("127.255.0.1").is_loopback() && ip("::1").is_loopback());
  EXPECT_FALSE(ip("128.0.0.1").is_loopback() || ip("::2").is_loopback() || ip("::").is_loopback());
}

TEST(Prefix, KeepsItsHostBitsAndKnowsItsNetwork) {
  EXPECT_EQ(to_string(prefix("10.0.0.1/24")), "10.0.0.1/24");
  EXPECT_EQ(to_string(prefix("10.0.0.255/24").network()), "10.0.0.0");
  EXPECT_EQ(to_string(prefix("10.0.0.255/31").network()), "10.0.0.254");
  EXPECT_EQ(to_string(prefix("255.255.255.255/0").network()), "0.0.0.0");
  EXPECT_EQ(to_string(prefix("fd00:1:2:3:4::5/65").network()), "fd00:1:2:3::");
  EXPECT_EQ(to_string(prefix("fd00::1/128").network()), "fd00::1");
}

TEST(Prefix, ContainsItsOwnFamilyAlone) {
  EXPECT_TRUE(prefix("10.0.0.1/24").contains(ip("10.0.0.200")));
  EXPECT_FALSE(prefix("10.0.0.1/24").contains(ip("10.0.1.1")));
  EXPECT_TRUE(prefix("10.0.0.1/32").contains(ip("10.0.0.1")));
  EXPECT_FALSE(prefix("10.0.0.1/32").contains(ip("10.0.0.0")));
  EXPECT_TRUE(prefix("0.0.0.0/0").contains(ip("203.0.113.1")));
  EXPECT_FALSE(prefix("0.0.0.0/0").contains(ip("fd00::1")));
  EXPECT_FALSE(prefix("::/0").contains(ip("203.0.113.1")));
}

TEST(Prefix, EveryLengthContainsExactlyWhatSharesItsBits) {
  const IpAddress base = ip("170.85.170.85");
  for (unsigned length = 1; length <= 32; ++length) {
    const Prefix whole{base, static_cast<std::uint8_t>(length)};
    const IpAddress flipped{Ipv4Address{Be32{base.v4().value.host() ^ (1u << (32 - length))}}};
    EXPECT_FALSE(whole.contains(flipped)) << "the last bit of /" << length << " counts";
    if (length < 32) {
      const IpAddress beyond{Ipv4Address{Be32{base.v4().value.host() ^ (1u << (31 - length))}}};
      EXPECT_TRUE(whole.contains(beyond)) << "the first bit behind /" << length << " does not";
    }
  }
}

TEST(Prefix, TheLengthIsObligatoryAndStrict) {
  EXPECT_EQ(reason(parse_prefix("10.0.0.0")), "'10.0.0.0' has no /length; expected a prefix as in 10.0.0.0/24 or fd00::/64");
  EXPECT_EQ(reason(parse_prefix("10.0.0.0/33")), "'10.0.0.0/33' has a wrong length; expected /0 to /32");
  EXPECT_EQ(reason(parse_prefix("fd00::/129")), "'fd00::/129' has a wrong length; expected /0 to /128");
  for (const char* text :
       {"10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/024", "10.0.0.0/2 4", "10.0.0.0/24/8", "/24", "10.0.0.0/99999999999999999999"}) {
    EXPECT_FALSE(parse_prefix(text)) << text;
  }
}

TEST(Endpoint, ReadsWhatItPrints) {
  for (const char* text : {"10.0.0.1:80", "[fd00::1]:443", "203.0.113.10:65535", "[::1]:1"}) {
    ASSERT_TRUE(parse_endpoint(text)) << reason(parse_endpoint(text));
    EXPECT_EQ(to_string(parse_endpoint(text).value()), text);
  }
}

TEST(Endpoint, RefusalsSayWhatIsMissing) {
  EXPECT_EQ(reason(parse_endpoint("10.0.0.1")), "'10.0.0.1' has no port; expected one as in 10.0.0.1:80 or [fd00::1]:80");
  EXPECT_EQ(reason(parse_endpoint("fd00::1:80")), "'fd00::1:80' has no port; expected one as in 10.0.0.1:80 or [fd00::1]:80");
  EXPECT_EQ(reason(parse_endpoint("10.0.0.1:0")), "'10.0.0.1:0' has a wrong port; expected 1 to 65535");
  for (const char* text : {"", ":", ":80", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:080", "10.0.0.1:+80", "10.0.0.1:80 ", "[10.0.0.1]:80",
                           "[fd00::1]", "[fd00::1]80", "fd00::1]:80", "[[fd00::1]]:80", "[]:80", "web:80"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(Mac, ReadsWhatItPrintsAndNothingElse) {
  EXPECT_EQ(to_string(parse_mac("02:00:00:AB:cd:11").value()), "02:00:00:ab:cd:11");
  EXPECT_TRUE(parse_mac("01:00:5e:00:00:12")->is_multicast());
  EXPECT_FALSE(parse_mac("02:00:00:00:00:11")->is_multicast());
  EXPECT_TRUE(parse_mac("00:00:00:00:00:00")->is_zero());
  for (const char* text : {"", "02:00:00:00:00", "02:00:00:00:00:1", "02-00-00-00-00-11", "02:00:00:00:00:1g",
                           "02:00:00:00:00:11:", "2:0:0:0:0:11", "020000000011"}) {
    EXPECT_FALSE(parse_mac(text)) << text;
  }
}

TEST(Protocol, OnlyTcpAndUdpCanBeAskedFor) {
  EXPECT_EQ(parse_protocol("tcp").value(), Protocol::tcp);
  EXPECT_EQ(parse_protocol("udp").value(), Protocol::udp);
  EXPECT_EQ(reason(parse_protocol("TCP")), "'TCP' is not a protocol; expected tcp or udp");
  EXPECT_FALSE(parse_protocol("icmp"));
  EXPECT_EQ(to_string(Protocol::icmpv6), "icmpv6");
}

}  // namespace
}  // namespace tandem
