// SPDX-License-Identifier: Apache-2.0
#include "controlplane/kernel/messages.h"

#include <array>
#include <cstring>
#include <memory>

#include <gtest/gtest.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "controlplane/kernel/netlink.h"
#include "tests/unit/kernel/frames.h"

namespace tandem {
namespace {

void put(NetlinkRequest& request, std::uint16_t type, const IpAddress& address) {
  const bool v4 = address.family == Family::ipv4;
  mnl_attr_put(request.message(), type, v4 ? 4 : 16, address.bytes.data() + (v4 ? 12 : 0));
}
void put(NetlinkRequest& request, std::uint16_t type, const MacAddress& address) {
  mnl_attr_put(request.message(), type, 6, address.bytes.data());
}

struct Route {
  NetlinkRequest request{RTM_NEWROUTE, 0};
  rtmsg& header = request.header<rtmsg>();
  explicit Route(unsigned char family = AF_INET, unsigned char bits = 24) {
    header = rtmsg{};
    header.rtm_family = family;
    header.rtm_dst_len = bits;
    header.rtm_table = RT_TABLE_MAIN;
    header.rtm_type = RTN_UNICAST;
  }
  std::vector<RouteMessage> read() { return read_route(*request.message()); }
};

TEST(ReadLink, TakesNameMacMtuAndState) {
  NetlinkRequest request{RTM_NEWLINK, 0};
  auto& header = request.header<ifinfomsg>();
  header.ifi_index = 7;
  header.ifi_type = ARPHRD_ETHER;
  header.ifi_flags = IFF_UP | IFF_LOWER_UP;
  mnl_attr_put_strz(request.message(), IFLA_IFNAME, "n0");
  mnl_attr_put_u32(request.message(), IFLA_MTU, 1500);
  put(request, IFLA_ADDRESS, mac("02:00:00:00:00:07"));
  const auto link = read_link(*request.message());
  ASSERT_TRUE(link);
  EXPECT_EQ(link->interface_index, 7);
  EXPECT_EQ(link->name, "n0");
  EXPECT_EQ(link->mac, mac("02:00:00:00:00:07"));
  EXPECT_EQ(link->mtu_bytes, 1500U);
  EXPECT_TRUE(link->up && link->carrier);
  EXPECT_EQ(link->vlan, 0);
}

TEST(ReadLink, KnowsAVlanInterfaceAndWhatItStandsOn) {
  NetlinkRequest request{RTM_NEWLINK, 0};
  request.header<ifinfomsg>().ifi_index = 8;
  mnl_attr_put_u32(request.message(), IFLA_LINK, 7);
  nlattr* info = mnl_attr_nest_start(request.message(), IFLA_LINKINFO);
  mnl_attr_put_strz(request.message(), IFLA_INFO_KIND, "vlan");
  nlattr* data = mnl_attr_nest_start(request.message(), IFLA_INFO_DATA);
  mnl_attr_put_u16(request.message(), IFLA_VLAN_ID, 100);
  mnl_attr_nest_end(request.message(), data);
  mnl_attr_nest_end(request.message(), info);
  const auto link = read_link(*request.message());
  ASSERT_TRUE(link);
  EXPECT_EQ(link->parent_index, 7);
  EXPECT_EQ(link->vlan, 100);
  EXPECT_FALSE(link->up || link->carrier);
}

TEST(Datagram, AMessageLongerThanWhatIsLeftIsNotWhole) {
  nlmsghdr message{};
  message.nlmsg_len = sizeof message;
  EXPECT_TRUE(is_whole(&message, sizeof message));
  EXPECT_FALSE(is_whole(&message, sizeof message - 1));
  for (const std::uint32_t length : {0U, 15U, 17U, 0x80000010U, 0xffffffffU}) {
    message.nlmsg_len = length;
    EXPECT_FALSE(is_whole(&message, sizeof message)) << length << " bytes";
  }
}

TEST(ReadAddress, APrefixLongerThanItsAddressGivesNothing) {
  NetlinkRequest request{RTM_NEWADDR, 0};
  auto& header = request.header<ifaddrmsg>();
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = 33;
  put(request, IFA_ADDRESS, ip("10.0.0.2"));
  EXPECT_FALSE(read_address(*request.message()));
}

TEST(ReadRoute, APrefixLongerThanItsAddressGivesNothing) {
  Route route{AF_INET, 33};
  put(route.request, RTA_DST, ip("10.1.0.0"));
  mnl_attr_put_u32(route.request.message(), RTA_OIF, 3);
  EXPECT_TRUE(route.read().empty());
}

TEST(ReadAddress, TakesOurEndOfAPointToPointLink) {
  NetlinkRequest request{RTM_NEWADDR, 0};
  auto& header = request.header<ifaddrmsg>();
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = 30;
  header.ifa_index = 3;
  put(request, IFA_ADDRESS, ip("10.0.0.2"));
  put(request, IFA_LOCAL, ip("10.0.0.1"));
  const auto address = read_address(*request.message());
  ASSERT_TRUE(address);
  EXPECT_EQ(to_string(address->address), "10.0.0.1/30");
  EXPECT_EQ(address->interface_index, 3);
}

TEST(ReadRoute, TakesADefaultRouteInBothFamilies) {
  Route v4{AF_INET, 0};
  mnl_attr_put_u32(v4.request.message(), RTA_OIF, 3);
  mnl_attr_put_u32(v4.request.message(), RTA_PRIORITY, 100);
  put(v4.request, RTA_GATEWAY, ip("10.0.0.254"));
  ASSERT_EQ(v4.read().size(), 1U);
  EXPECT_EQ(to_string(v4.read()[0].route.prefix), "0.0.0.0/0");
  EXPECT_EQ(v4.read()[0].route.gateway, ip("10.0.0.254"));
  EXPECT_EQ(v4.read()[0].route.metric, 100U);

  Route v6{AF_INET6, 0};
  mnl_attr_put_u32(v6.request.message(), RTA_OIF, 3);
  put(v6.request, RTA_GATEWAY, ip("fe80::1"));
  ASSERT_EQ(v6.read().size(), 1U);
  EXPECT_EQ(to_string(v6.read()[0].route.prefix), "::/0");
}

TEST(ReadRoute, TakesAnIpv4RouteThroughAnIpv6Gateway) {
  Route route;
  put(route.request, RTA_DST, ip("192.0.2.0"));
  mnl_attr_put_u32(route.request.message(), RTA_OIF, 3);
  std::array<std::uint8_t, 18> via{AF_INET6, 0};
  std::memcpy(via.data() + 2, ip("fe80::9").bytes.data(), 16);
  mnl_attr_put(route.request.message(), RTA_VIA, via.size(), via.data());
  ASSERT_EQ(route.read().size(), 1U);
  EXPECT_EQ(route.read()[0].route.gateway, ip("fe80::9"));
}

TEST(ReadRoute, TakesEachLivingHopOfAMultipathRoute) {
  Route route;
  put(route.request, RTA_DST, ip("192.0.2.0"));
  nlattr* hops = mnl_attr_nest_start(route.request.message(), RTA_MULTIPATH);
  for (const int number : {1, 2, 3}) {
    auto* hop = static_cast<rtnexthop*>(mnl_nlmsg_get_payload_tail(route.request.message()));
    *hop = rtnexthop{};
    hop->rtnh_len = sizeof *hop + 8;
    hop->rtnh_ifindex = number;
    hop->rtnh_flags = number == 2 ? RTNH_F_DEAD : 0;
    route.request.message()->nlmsg_len += sizeof *hop;
    put(route.request, RTA_GATEWAY, ip("10.0.0." + std::to_string(number)));
  }
  mnl_attr_nest_end(route.request.message(), hops);
  const auto read = route.read();
  ASSERT_EQ(read.size(), 2U) << "the dead one is left out";
  EXPECT_EQ(read[0].interface_index, 1);
  EXPECT_EQ(read[1].route.gateway, ip("10.0.0.3"));
}

TEST(ReadRoute, LeavesOutWhatForwardingDoesNotUse) {
  const auto with = [](auto&& change) {
    Route route;
    put(route.request, RTA_DST, ip("192.0.2.0"));
    mnl_attr_put_u32(route.request.message(), RTA_OIF, 3);
    change(route);
    return route.read().size();
  };
  EXPECT_EQ(with([](Route&) {}), 1U);
  EXPECT_EQ(with([](Route& route) { route.header.rtm_table = RT_TABLE_LOCAL; }), 0U);
  EXPECT_EQ(with([](Route& route) { mnl_attr_put_u32(route.request.message(), RTA_TABLE, 1000); }), 0U);
  EXPECT_EQ(with([](Route& route) { route.header.rtm_type = RTN_BLACKHOLE; }), 0U);
  EXPECT_EQ(with([](Route& route) { route.header.rtm_type = RTN_MULTICAST; }), 0U);
  EXPECT_EQ(with([](Route& route) { route.header.rtm_flags = RTM_F_CLONED; }), 0U);
  EXPECT_EQ(with([](Route& route) { route.header.rtm_flags = RTNH_F_LINKDOWN; }), 0U);
  EXPECT_EQ(with([](Route& route) { route.header.rtm_family = AF_BRIDGE; }), 0U);
}

std::optional<NeighbourMessage> neighbour(int state, bool with_mac, const char* address = "10.0.0.11", std::uint8_t flags = 0) {
  NetlinkRequest request{RTM_NEWNEIGH, 0};
  auto& header = request.header<ndmsg>();
  header.ndm_family = ip(address).family == Family::ipv4 ? AF_INET : AF_INET6;
  header.ndm_ifindex = 3;
  header.ndm_state = static_cast<std::uint16_t>(state);
  header.ndm_flags = flags;
  put(request, NDA_DST, ip(address));
  if (with_mac) put(request, NDA_LLADDR, mac("02:00:00:00:00:11"));
  mnl_attr_put_u32(request.message(), NDA_FLAGS_EXT, NTF_EXT_MANAGED);
  return read_neighbour(*request.message());
}

TEST(ReadNeighbour, IsUsableFromItsFirstAnswerUntilItFails) {
  for (const int state : {NUD_REACHABLE, NUD_STALE, NUD_DELAY, NUD_PROBE, NUD_PERMANENT}) {
    EXPECT_TRUE(neighbour(state, true)->neighbour.usable()) << state;
  }
  for (const int state : {NUD_INCOMPLETE, NUD_FAILED, NUD_NONE}) EXPECT_FALSE(neighbour(state, true)->neighbour.usable()) << state;
  EXPECT_FALSE(neighbour(NUD_REACHABLE, false)->neighbour.usable()) << "without a MAC there is nothing to use";
  EXPECT_EQ(neighbour(NUD_PERMANENT, true)->neighbour.state, NeighbourState::fixed);
  EXPECT_TRUE(neighbour(NUD_STALE, true)->neighbour.managed);
}

TEST(ReadNeighbour, LeavesOutProxiesAndMulticast) {
  EXPECT_FALSE(neighbour(NUD_PERMANENT, true, "10.0.0.11", NTF_PROXY));
  EXPECT_FALSE(neighbour(NUD_NOARP, true, "224.0.0.1"));
  EXPECT_FALSE(neighbour(NUD_NOARP, true, "ff02::1"));
}

// Any of our own messages, cut anywhere and with its length made to agree, is refused or read; it is never read past its end
// (which the address sanitizer would see: the bytes lie in a block of just that size).
TEST(ReadMessages, ThatAreCutAreNotReadPastTheirEnd) {
  Route route;
  put(route.request, RTA_DST, ip("192.0.2.0"));
  mnl_attr_put_u32(route.request.message(), RTA_OIF, 3);
  put(route.request, RTA_GATEWAY, ip("10.0.0.1"));
  const nlmsghdr& whole = *route.request.message();
  std::size_t complete = 0;
  for (std::uint32_t length = MNL_NLMSG_HDRLEN; length <= whole.nlmsg_len; ++length) {
    const auto bytes = std::make_unique<char[]>(length);
    std::memcpy(bytes.get(), &whole, length);
    auto& message = *reinterpret_cast<nlmsghdr*>(bytes.get());
    message.nlmsg_len = length;
    const auto routes = read_route(message);
    if (!routes.empty() && routes[0].route.gateway) ++complete;
    read_link(message);
    read_address(message);
    read_neighbour(message);
  }
  EXPECT_EQ(complete, 1U) << "only the whole message has its gateway";
}

}  // namespace
}  // namespace tandem
