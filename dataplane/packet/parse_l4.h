// SPDX-License-Identifier: Apache-2.0
// What follows an IP header, of whose `length` bytes the frame is known to hold all.
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

inline void mark_malformed(Packet& packet, DropReason reason, PacketKind kind = PacketKind::malformed) noexcept {
  packet.kind = kind;
  packet.reason = reason;
}

// A chain whose first segment ends inside these headers was linearised before (batch.cpp), so what cannot be read is not there.
inline bool holds(const Packet& packet, std::size_t length, std::size_t needed) noexcept {
  return length >= needed && packet.readable_bytes - packet.l4_offset >= needed;
}

inline void parse_tcp(Packet& packet, std::size_t length) noexcept {
  if (!holds(packet, length, sizeof(TcpHeader))) return mark_malformed(packet, DropReason::bad_l4_header, PacketKind::malformed_l4);
  const TcpHeader& tcp = packet.tcp();
  if (tcp.header_bytes() < sizeof tcp || tcp.header_bytes() > length)
    return mark_malformed(packet, DropReason::bad_l4_header, PacketKind::malformed_l4);
  packet.kind = PacketKind::transport;
  packet.source_port = tcp.source_port;
  packet.target_port = tcp.target_port;
  packet.l4_flags = tcp.flags;
}

// A length below the IP header's is allowed (RFC 768 does not forbid what follows); one above it lies.
inline void parse_udp(Packet& packet, std::size_t length) noexcept {
  if (!holds(packet, length, sizeof(UdpHeader))) return mark_malformed(packet, DropReason::bad_l4_header, PacketKind::malformed_l4);
  const UdpHeader& udp = packet.udp();
  if (udp.length_bytes.host() < sizeof udp || udp.length_bytes.host() > length)
    return mark_malformed(packet, DropReason::bad_l4_header, PacketKind::malformed_l4);
  packet.kind = PacketKind::transport;
  packet.source_port = udp.source_port;
  packet.target_port = udp.target_port;
  packet.l4_flags = 0;
}

inline void parse_icmp(Packet& packet, std::size_t length) noexcept {
  if (!holds(packet, length, sizeof(IcmpHeader))) return mark_malformed(packet, DropReason::bad_l4_header, PacketKind::malformed_l4);
  packet.kind = PacketKind::icmp;
  packet.l4_flags = packet.icmp().type;
}

inline void parse_l4(Packet& packet, std::size_t length) noexcept {
  const Protocol icmp = packet.family == Family::ipv4 ? Protocol::icmp : Protocol::icmpv6;
  if (packet.protocol == static_cast<std::uint8_t>(Protocol::tcp)) return parse_tcp(packet, length);
  if (packet.protocol == static_cast<std::uint8_t>(Protocol::udp)) return parse_udp(packet, length);
  if (packet.protocol == static_cast<std::uint8_t>(icmp)) return parse_icmp(packet, length);
  packet.kind = PacketKind::other_protocol;
}

}  // namespace tandem
