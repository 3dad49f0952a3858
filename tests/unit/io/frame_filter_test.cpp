// SPDX-License-Identifier: Apache-2.0
// How a port comes to take frames for virtual MACs, from devices that can more or less.
#include "dataplane/io/frame_filter.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace tandem {
namespace {

constexpr MacAddress kFirst{{0, 0, 0x5e, 0, 1, 7}}, kSecond{{0, 0, 0x5e, 0, 2, 7}};

struct FakeFilter : FrameFilter {
  std::size_t filters = 16;  // that it has room for
  bool lists = true, takes_all_multicasts = true, is_promiscuous = true;
  std::vector<MacAddress> held;
  std::vector<std::string> asked;

  int add(const MacAddress& mac) override {
    asked.push_back("add " + to_string(mac));
    if (held.size() == filters) return filters == 0 ? -ENOTSUP : -ENOSPC;
    held.push_back(mac);
    return 0;
  }
  int remove(const MacAddress& mac) override {
    asked.push_back("remove " + to_string(mac));
    return std::erase(held, mac) == 1 ? 0 : -ENOENT;
  }
  int list_multicasts(std::span<const MacAddress> macs) override {
    for (const MacAddress& mac : macs) asked.push_back("list " + to_string(mac));
    return lists ? 0 : -ENOTSUP;
  }
  int all_multicasts() override {
    asked.push_back("all multicasts");
    return takes_all_multicasts ? 0 : -ENOTSUP;
  }
  int promiscuous() override {
    asked.push_back("promiscuous");
    return is_promiscuous ? 0 : -EPERM;
  }
};

using Asked = std::vector<std::string>;
const std::vector<MacAddress> kBoth{kFirst, kSecond};

TEST(FrameFilter, ADeviceWithFiltersIsAskedForNoMore) {
  FakeFilter device;
  AcceptedMacs macs;
  EXPECT_EQ(*macs.accept(device, kBoth), "") << "as it should be: nothing to note";
  EXPECT_EQ(device.asked, (Asked{"add 00:00:5e:00:01:07", "add 00:00:5e:00:02:07", "list 01:00:5e:00:00:12", "list 33:33:00:00:00:12"}));
  EXPECT_FALSE(macs.promiscuous());
}

TEST(FrameFilter, AGroupThatGoesTakesItsMacAlong) {
  FakeFilter device;
  AcceptedMacs macs;
  ASSERT_TRUE(macs.accept(device, kBoth));
  device.asked.clear();
  ASSERT_TRUE(macs.accept(device, std::vector{kSecond}));
  EXPECT_EQ(device.asked.front(), "remove 00:00:5e:00:01:07");
  EXPECT_EQ(device.held, std::vector{kSecond}) << "and what stays is not asked for again";
}

TEST(FrameFilter, WithoutOrOutOfFiltersItBecomesPromiscuousOnce) {
  for (const std::size_t filters : {0U, 1U}) {
    FakeFilter device;
    device.filters = filters;
    AcceptedMacs macs;
    EXPECT_EQ(*macs.accept(device, kBoth), "promiscuous, for virtual MACs");
    EXPECT_TRUE(macs.promiscuous());
    EXPECT_EQ(*macs.accept(device, kBoth), "promiscuous, for virtual MACs");
    EXPECT_EQ(std::count(device.asked.begin(), device.asked.end(), "promiscuous"), 1);
    EXPECT_EQ(std::count(device.asked.begin(), device.asked.end(), "list 01:00:5e:00:00:12"), 0) << "it takes multicasts anyway";
  }
}

TEST(FrameFilter, MulticastsAreListedOrAllTakenOrTheLackIsNoted) {
  FakeFilter device;
  device.lists = false;
  EXPECT_EQ(*AcceptedMacs{}.accept(device, kBoth), "all multicasts, for VRRP");
  device.takes_all_multicasts = false;
  EXPECT_EQ(*AcceptedMacs{}.accept(device, kBoth), "promiscuous, for VRRP");
  device.is_promiscuous = false;
  EXPECT_EQ(*AcceptedMacs{}.accept(device, {}), "VRRP's multicasts may not reach it");
}

TEST(FrameFilter, ADeviceThatCanDoNeitherIsRefusedWithWhatToDoInstead) {
  FakeFilter device;
  device.filters = 0;
  device.is_promiscuous = false;
  const Result<std::string> refused = AcceptedMacs{}.accept(device, kBoth);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "the device lets in no frame to a virtual MAC, neither by filter (Operation not supported) nor promiscuously (Operation not "
            "permitted): set mac = \"node\" in [ha], or group_mac = \"node\" at this port");
}

TEST(FrameFilter, SoftDevicesTakeEveryFrameAnyway) {
  EXPECT_TRUE(takes_every_frame("net_memif") && takes_every_frame("net_tap"));
  EXPECT_FALSE(takes_every_frame("net_ixgbe") || takes_every_frame("net_af_packet"));
}

}  // namespace
}  // namespace tandem
