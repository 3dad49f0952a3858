// SPDX-License-Identifier: Apache-2.0
// The site as one node of a pair: two groups, the first with the nat VIPs and a gateway for the servers, the second with the direct
// ones and a service at the first's servers; virtual MACs for both on both ports, and the other node on both LANs.
#pragma once

#include "tests/packet/scenario.h"

namespace tandem::test {

inline constexpr GroupId kFirst{0}, kSecond{1};
inline constexpr std::string_view kFirstMac = "00:00:5e:00:01:0a", kFirstMac6 = "00:00:5e:00:02:0a", kSecondMac = "00:00:5e:00:01:0b";
inline constexpr std::string_view kGatewayMac = "00:00:5e:00:01:14", kGatewayMac6 = "00:00:5e:00:02:14";  // the first's, on p1
inline constexpr std::string_view kPeer0 = "02:00:00:00:00:51", kPeer1 = "02:00:00:00:00:52";             // the other node's, by port
inline constexpr std::string_view kBroadcast = "ff:ff:ff:ff:ff:ff", kNobody = "00:00:00:00:00:00";
inline constexpr std::uint16_t kPairPort = 18264;

void pair_up(World& world);  // a site, as described above

// This node has these groups, and the other lives and has the rest; or nobody lives there.
Roles roles_of(std::initializer_list<GroupId> groups, bool peer_lives);

class PairScenario : public Scenario {
 protected:
  PairScenario();

  void we_have(std::initializer_list<GroupId> groups) { take_roles(roles_of(groups, true)); }
  void we_have_alone(std::initializer_list<GroupId> groups) { take_roles(roles_of(groups, false)); }

  static Frame who_has(std::string_view target, std::string_view sender = "10.0.0.5") {
    return frame().eth(kBroadcast, kClient).arp(1, kClient, sender, kNobody, target);
  }
  static Frame solicitation(std::string_view target) {
    const Bytes own_mac{1, 1, 2, 0, 0, 0, 0xaa, 5};
    return frame().eth("33:33:ff:00:01:00", kClient).ip("fd00::5", "ff02::1:ff00:100").neighbour(kNdNeighbourSolicit, target, 0, own_mac);
  }
  static Frame ping(std::string_view target) {
    const bool ipv6 = target.find(':') != std::string_view::npos;
    return frame().eth(kNode0, kClient).ip(ipv6 ? "fd00::5" : "10.0.0.5", target).icmp(ipv6 ? kIcmpv6EchoRequest : kIcmpEchoRequest);
  }
  // The flow's packet, sent to another MAC than the node's.
  static Frame by(std::string_view target, Frame frame, std::string_view source = kClient) { return frame.eth(target, source); }
};

}  // namespace tandem::test
