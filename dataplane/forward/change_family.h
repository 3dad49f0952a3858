// SPDX-License-Identifier: Apache-2.0
// A TCP or UDP packet of one family becomes one of the other (RFC 7915 4.1 and 5.1): the IP header alone, in place of the old one with
// its options or extension headers. One hop less to live. The transport's checksum is the caller's: its pseudo-header changes.
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

void become_ipv4(Packet& packet, Ipv4Address source, Ipv4Address target) noexcept;
// False when the buffer has no room in front; the packet is as it was then.
bool become_ipv6(Packet& packet, const Ipv6Address& source, const Ipv6Address& target) noexcept;

// How many bytes longer it will be; shorter: less than 0.
inline int growth_as(const Packet& packet, Family family) noexcept {
  const int header = family == Family::ipv4 ? int{sizeof(Ipv4Header)} : int{sizeof(Ipv6Header)};
  return family == packet.family ? 0 : header - (packet.l4_offset - packet.l3_offset);
}

}  // namespace tandem
