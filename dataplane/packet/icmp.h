// SPDX-License-Identifier: Apache-2.0
// ICMP and ICMPv6 messages as a whole. All rely on PacketKind::icmp.
#pragma once

#include "common/net/checksum.h"
#include "dataplane/packet/packet.h"

namespace tandem {

// Errors that are for whoever sent the quoted packet: unreachable, time exceeded, parameter problem, ICMPv6's packet too big.
// Not among them: source quench, which nobody heeds any more (RFC 6633), and redirect, which is for the next router's neighbour.
inline bool is_icmp_error(const Packet& packet) noexcept {
  if (packet.kind != PacketKind::icmp) return false;
  const std::uint8_t type = packet.l4_flags;
  if (packet.family == Family::ipv6) return type >= kIcmpv6Unreachable && type <= kIcmpv6ParameterProblem;
  return type == kIcmpUnreachable || type == kIcmpTimeExceeded || type == kIcmpParameterProblem;
}

inline std::size_t icmp_bytes(const Packet& packet) noexcept { return packet.l3_offset + std::size_t{packet.ip_bytes} - packet.l4_offset; }

// All of it lies in the first segment.
inline bool icmp_is_readable(const Packet& packet) noexcept { return packet.readable_bytes >= packet.l4_offset + icmp_bytes(packet); }

// ICMPv6 alone counts a pseudo-header (RFC 4443 2.3).
inline Sum icmp_pseudo_sum(const Packet& packet) noexcept {
  if (packet.family == Family::ipv4) return 0;
  return pseudo_header_sum(packet.source(), packet.target(), packet.protocol, static_cast<std::uint32_t>(icmp_bytes(packet)));
}

// Relies on icmp_is_readable.
inline bool icmp_checksum_is_right(const Packet& packet) noexcept {
  return fold(icmp_pseudo_sum(packet) + sum_bytes(packet.l4(), icmp_bytes(packet))) == 0xffff;
}

}  // namespace tandem
