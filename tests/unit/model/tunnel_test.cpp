// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/tunnel.h"

#include <gtest/gtest.h>

#include "common/net/checksum.h"
#include "common/net/headers.h"

namespace tandem {
namespace {

IpAddress ip(const char* text) { return parse_address(text).value(); }
Prefix prefix(const char* text) { return parse_prefix(text).value(); }
const Ipv4Header& outer4(const TunnelView& view) { return *reinterpret_cast<const Ipv4Header*>(view.headers.data()); }
const Ipv6Header& outer6(const TunnelView& view) { return *reinterpret_cast<const Ipv6Header*>(view.headers.data()); }

TEST(Tunnel, NamesWhatIsInside) {
  const auto protocol = [](Family inner, const char* source, const char* target) {
    const TunnelView view = make_tunnel({TunnelKind::ipip, inner, prefix(source), ip(target)});
    return view.family() == Family::ipv4 ? outer4(view).protocol : outer6(view).next_header;
  };
  EXPECT_EQ(protocol(Family::ipv4, "198.51.100.0/24", "10.0.0.1"), 4);
  EXPECT_EQ(protocol(Family::ipv6, "198.51.100.0/24", "10.0.0.1"), 41);
  EXPECT_EQ(protocol(Family::ipv4, "2001:db8::/64", "fd00::1"), 4);
  EXPECT_EQ(protocol(Family::ipv6, "2001:db8::/64", "fd00::1"), 41);
}

TEST(Tunnel, OfItsSourceAFlowChoosesWhatThePrefixLeavesFreeAndSixteenBitsAtMost) {
  const auto flow_bits = [](const char* source, const char* target) {
    return make_tunnel({TunnelKind::ipip, Family::ipv4, prefix(source), ip(target)}).flow_bits.host();
  };
  EXPECT_EQ(flow_bits("198.51.100.7/32", "10.0.0.1"), 0);
  EXPECT_EQ(flow_bits("198.51.100.0/28", "10.0.0.1"), 0xf);
  EXPECT_EQ(flow_bits("172.16.0.0/12", "10.0.0.1"), 0xffff);
  EXPECT_EQ(flow_bits("2001:db8::/64", "fd00::1"), 0xffff);
  EXPECT_EQ(flow_bits("2001:db8::5/128", "fd00::1"), 0);
  const TunnelView wide = make_tunnel({TunnelKind::ipip, Family::ipv4, prefix("172.16.0.0/12"), ip("10.0.0.1")});
  EXPECT_EQ(IpAddress{outer4(wide).source}, ip("172.16.0.0"));
}

TEST(Tunnel, ItsSumIsOfTheHeaderThatStandsThere) {
  const TunnelView view = make_tunnel({TunnelKind::ipip, Family::ipv4, prefix("198.51.100.0/24"), ip("10.0.0.1")});
  EXPECT_EQ(view.sum, fold(sum_bytes(view.headers.data(), 20)));
  EXPECT_TRUE(outer4(view).dont_fragment());
  EXPECT_EQ(outer4(view).checksum.wire, 0);
}

TEST(Tunnel, GueAddsUdpAndPerhapsAHeaderOfItsOwn) {
  const TunnelPlan plan{TunnelKind::gue_direct, Family::ipv6, prefix("198.51.100.0/24"), ip("10.0.0.1"), 7777};
  const TunnelView direct = make_tunnel(plan);
  EXPECT_EQ(direct.bytes, 28);
  EXPECT_TRUE(direct.has_udp() && direct.changes_family);
  EXPECT_EQ(outer4(direct).protocol, 17);
  EXPECT_EQ(reinterpret_cast<const UdpHeader*>(direct.headers.data() + 20)->target_port.host(), 7777);
  TunnelPlan headed = plan;
  headed.kind = TunnelKind::gue_header;
  const TunnelView view = make_tunnel(headed);
  EXPECT_EQ(view.bytes, 32);
  EXPECT_EQ((std::array{view.headers[28], view.headers[29], view.headers[30], view.headers[31]}),
            (std::array<std::uint8_t, 4>{0, 41, 0, 0}));
}

}  // namespace
}  // namespace tandem
