// SPDX-License-Identifier: Apache-2.0
// Whole Ethernet frames that the node sends of its own accord: announcements of where a VIP is, VRRP, hellos, probes. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/net/address.h"

namespace tandem::ha {

using FrameBytes = std::vector<std::uint8_t>;

// Gratuitous ARP (RFC 5227 3, RFC 826) and unsolicited neighbour advertisement (RFC 4861 7.2.6): `mac` has the address.
FrameBytes gratuitous_arp(const MacAddress& mac, Ipv4Address address, std::uint16_t vlan);
FrameBytes unsolicited_advert(const MacAddress& mac, const Ipv6Address& address, std::uint16_t vlan);
FrameBytes announcement(const MacAddress& mac, const IpAddress& address, std::uint16_t vlan);  // by the address's family

// Asks `target` for its MAC, so that its answer shows that we are heard and hear. IPv6: `own` and `target` of that family.
FrameBytes probe(const MacAddress& mac, const IpAddress& own, const IpAddress& target, std::uint16_t vlan);

struct Addressing {
  MacAddress source_mac, target_mac;
  std::uint16_t vlan = 0;
  IpAddress source, target;
};

// A VRRP packet: hop limit 255, DSCP CS6 (RFC 9568 5.1, RFC 4594 3.1).
FrameBytes vrrp_frame(const Addressing& way, std::span<const std::uint8_t> advert);
FrameBytes udp_frame(const Addressing& way, std::uint16_t port, std::span<const std::uint8_t> payload);

MacAddress multicast_mac(const IpAddress& group);  // RFC 1112 6.4, RFC 2464 7

// The parts of a received frame, when it is a whole IP packet of VRRP or UDP; everything is checked, nothing is trusted.
struct ReceivedPacket {
  MacAddress source_mac, target_mac;
  std::uint16_t vlan = 0;
  IpAddress source, target;
  std::uint8_t protocol = 0, hops = 0;
  std::uint16_t target_port = 0;          // UDP
  std::span<const std::uint8_t> payload;  // behind the IP header; behind the UDP header for UDP
};
bool read_frame(std::span<const std::uint8_t> frame, ReceivedPacket& out);

}  // namespace tandem::ha
