// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/units.h"

#include <gtest/gtest.h>

#include "controlplane/config/device.h"
#include "controlplane/config/wall_time.h"

namespace tandem::config {
namespace {

TEST(Duration, EveryUnitIsReadAndShownAgain) {
  using namespace std::chrono_literals;
  for (const auto& [text, value] : std::initializer_list<std::pair<const char*, milliseconds>>{
           {"250ms", 250ms}, {"10s", 10s}, {"5m", 5min}, {"2h", 2h}, {"3d", 72h}, {"1500ms", 1500ms}, {"0s", 0s}, {"0ms", 0ms}}) {
    ASSERT_TRUE(parse_duration(text)) << text;
    EXPECT_EQ(parse_duration(text).value(), value) << text;
    EXPECT_EQ(parse_duration(format_duration(value)).value(), value) << text;
  }
  EXPECT_EQ(format_duration(60s), "1m");
  EXPECT_EQ(format_duration(90s), "90s");
}

TEST(Duration, WhatHasNoUnitOrTwoIsRefused) {
  for (const char* text :
       {"", "10", "s", "1h30m", "1.5s", "-1s", "+1s", " 1s", "1 s", "1S", "01s", "99999999999999999999s", "9999999999999999d", "1us"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_duration("10").error().message, "'10' has no unit; expected a duration as in 250ms, 10s, 5m, 2h");
}

TEST(CountText, IsDecimalAndComesBack) {
  EXPECT_EQ(parse_count("80").value(), 80u);
  EXPECT_EQ(parse_count("64k").value(), 64'000u);
  EXPECT_EQ(parse_count("2M").value(), 2'000'000u);
  EXPECT_EQ(parse_count("1G").value(), 1'000'000'000u);
  for (std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{999}, std::uint64_t{1000}, std::uint64_t{1'500'000},
                              std::uint64_t{3'000'000'000}}) {
    EXPECT_EQ(parse_count(format_count(value)).value(), value);
  }
  for (const char* text : {"", "M", "2m", "2 M", "-2", "1.5M", "2MB", "18446744073709551616", "18446744073709551615G", "0x10"})
    EXPECT_FALSE(parse_count(text)) << text;
}

TEST(PercentText, HasItsSignAndEndsAtAHundred) {
  for (const unsigned percent : {0u, 1u, 50u, 100u}) EXPECT_EQ(parse_percent(format_percent(percent)).value(), percent);
  for (const char* text : {"", "%", "50", "50 %", "-1%", "101%", "0.5", "050%", "50%%"}) EXPECT_FALSE(parse_percent(text)) << text;
}

TEST(ListenText, HoldsPrefixesRangesAndAllPorts) {
  for (const char* text : {"203.0.113.10:8000-8099/tcp", "203.0.113.11:*/udp", "203.0.113.64/28:80/tcp", "[2001:db8::/64]:443/tcp",
                           "[2001:db8::10]:1-65535/tcp", "203.0.113.0/24:*/udp"}) {
    const Result<Listen> listen = parse_listen(text);
    ASSERT_TRUE(listen) << text << ": " << listen.error().message;
    EXPECT_EQ(to_string(*listen), text);
    EXPECT_FALSE(listen->is_exact()) << text;
  }
  EXPECT_EQ(parse_listen("203.0.113.10/32:80/tcp").value(), parse_listen("203.0.113.10:80/tcp").value()) << "one address, however written";
  EXPECT_EQ(parse_listen("203.0.113.64/28:80/tcp")->host_bits, 4);
  EXPECT_EQ(parse_listen("203.0.113.10:8000-8099/tcp")->ports(), (PortRange{8000, 99}));
  EXPECT_TRUE(parse_listen("203.0.113.10:*/tcp")->ports().is_all());
  for (const char* text : {"203.0.113.65/28:80/tcp", "203.0.113.64/33:80/tcp", "203.0.113.10:8099-8000/tcp", "203.0.113.10:80-80/tcp",
                           "203.0.113.10:0-80/tcp", "203.0.113.10:80-65536/tcp", "203.0.113.10:-/tcp", "203.0.113.10:**/tcp",
                           "0.0.0.0/0:80/tcp", "0.0.0.0/7:80/tcp", "[2000::/3]:80/tcp", "2001:db8::/64:80/tcp", "[203.0.113.64/28]:80/tcp",
                           "[2001:db8::]/64:80/tcp", "203.0.113.64/28/tcp", "203.0.113.64/28:80", "*:80/tcp", "203.0.113.10:8000-8099"})
    EXPECT_FALSE(parse_listen(text)) << text;
}

TEST(BackendText, MayLeaveOutThePort) {
  EXPECT_EQ(parse_backend_address("10.0.0.1").value(), (Endpoint{parse_address("10.0.0.1").value(), 0}));
  EXPECT_EQ(parse_backend_address("fd00::1")->port, 0);
  EXPECT_EQ(parse_backend_address("[fd00::1]:80")->port, 80);
  for (const char* text : {"10.0.0.1", "10.0.0.1:80", "fd00::1", "[fd00::1]:80"})
    EXPECT_EQ(show_backend_address(parse_backend_address(text).value()), text);
  for (const char* text : {"", "0.0.0.0", "::", "10.0.0.1:0", "10.0.0.1:*", "[fd00::1]", "10.0.0.1:"})
    EXPECT_FALSE(parse_backend_address(text)) << text;
}

TEST(ListenText, NeedsAllThreeParts) {
  EXPECT_EQ(to_string(parse_listen("203.0.113.10:80/tcp").value()), "203.0.113.10:80/tcp");
  EXPECT_EQ(to_string(parse_listen("[2001:db8::10]:53/udp").value()), "[2001:db8::10]:53/udp");
  for (const char* text : {"", "203.0.113.10", "203.0.113.10:80", "203.0.113.10/tcp", "203.0.113.10:80/sctp", ":80/tcp",
                           "203.0.113.10:0/tcp", "2001:db8::10:53/udp"}) {
    EXPECT_FALSE(parse_listen(text)) << text;
  }
}

TEST(StatusList, IsMadeOfStatusesAndRanges) {
  for (const char* text : {"200", "200-399", "200,204", "200,300-302,404", "100-599"}) EXPECT_TRUE(parse_status_list(text)) << text;
  for (const char* text : {"", "20", "2000", "099", "600", "200-", "-200", "299-200", "200,", ",200", "200;204", "200 ,204", "2xx"})
    EXPECT_FALSE(parse_status_list(text)) << text;
}

TEST(NameText, IsSafeInPathsGlobsAndLabels) {
  for (const char* text : {"a", "web-1", "WEB_2", "1", "_x"}) EXPECT_TRUE(parse_name(text)) << text;
  for (const std::string& text : {std::string{}, std::string{"a/b"}, std::string{"a*"}, std::string{"-a"}, std::string{"a.b"},
                                  std::string{"ä"}, std::string{"a\nb"}, std::string(64, 'a')}) {
    EXPECT_FALSE(parse_name(text)) << text;
  }
}

TEST(DeviceForm, EachKindIsToldFromTheOthers) {
  const auto kind = [](std::string_view text) { return parse_device_form(text).value().kind; };
  EXPECT_EQ(kind("0000:3b:00.0"), DeviceKind::pci);
  EXPECT_EQ(kind("3b:00.1"), DeviceKind::pci);
  EXPECT_EQ(kind("af_packet:eth1"), DeviceKind::af_packet);
  EXPECT_EQ(kind("af_xdp:veth-lb.10"), DeviceKind::af_xdp);
  EXPECT_EQ(kind("tap:t0"), DeviceKind::tap);
  EXPECT_EQ(kind("memif:/run/m.sock"), DeviceKind::memif);
  EXPECT_EQ(kind("memif:/run/m.sock,client"), DeviceKind::memif);
  EXPECT_EQ(kind("pcap:in.pcap,out.pcap"), DeviceKind::pcap);
  EXPECT_EQ(kind("null"), DeviceKind::null);
  EXPECT_EQ(kind("net_bonding0,mode=4"), DeviceKind::vdev);
  EXPECT_EQ(kind("virtio_user0,path=/dev/vhost-net"), DeviceKind::vdev);
  EXPECT_EQ(kind("virtio_user:/run/v.sock"), DeviceKind::virtio_user);
  EXPECT_EQ(kind("vhost:/run/v.sock,client"), DeviceKind::vhost);
  EXPECT_EQ(kind("bonding:lacp,0000:3b:00.0,3b:00.1"), DeviceKind::bonding);
  EXPECT_EQ(parse_device_form("net_af_xdp0,iface=eth1,queue_count=1")->interface, "eth1");
}

TEST(DeviceForm, WhatIsNoneIsRefused) {
  for (const char* text : {"",
                           "eth1",
                           "af_xdp",
                           "af_xdp:",
                           "af_xdp:averyverylongname",
                           "af_packet:a/b",
                           "af_packet:a b",
                           "tap:a,b",
                           "memif:m.sock",
                           "memif:/m,server",
                           "pcap:in.pcap",
                           "pcap:,out",
                           "pcap:in,",
                           "null:x",
                           "0000:3b:00.8",
                           "0000:3b:00",
                           "0:3b:00.0",
                           "bonding0",
                           "virtio_user:v.sock",
                           "vhost:/v,server",
                           "bonding:lacp",
                           "bonding:802.3ad,3b:00.0",
                           "bonding:lacp,af_xdp:eth1",
                           "bonding:lacp,"}) {
    EXPECT_FALSE(parse_device_form(text)) << text;
  }
}

TEST(WallTime, IsWrittenAsRfc3339AndComesBack) {
  const WallTime time{std::chrono::seconds{1'769'868'131}};
  EXPECT_EQ(format_time(time), "2026-01-31T14:02:11Z");
  EXPECT_EQ(parse_time("2026-01-31T14:02:11Z"), time);
  for (const char* text : {"", "2026-01-31T14:02:11", "2026-02-31T14:02:11Z", "2026-01-31 14:02:11Z", "2026-01-31T25:02:11Z",
                           "-026-01-31T14:02:11Z", "2026-01-31T14:02:1xZ"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

}  // namespace
}  // namespace tandem::config
