// SPDX-License-Identifier: Apache-2.0
// Network address translation of the service's end alone: the client's address and port stay, so the backend sees who asks
// and a reply names its connection. Checksums are patched by deltas that the entry holds (RFC 1624), never summed anew.
#pragma once

#include "dataplane/conn/entry.h"
#include "dataplane/forward/rewrite.h"

namespace tandem {

// UDP: 0 on the wire says "no checksum" (RFC 768) and stays; a sum that comes out as 0 is sent as 0xffff.
inline void patch_udp(UdpHeader& udp, std::uint16_t delta) noexcept {
  if (udp.checksum.wire == 0) return;
  const Be16 sum = patched(udp.checksum, delta);
  udp.checksum = sum.wire == 0 ? Be16{0xffff} : sum;
}

inline void patch_l4(Packet& packet, std::uint16_t delta) noexcept {
  if (!packet.is_tcp()) return patch_udp(packet.udp(), delta);
  packet.tcp().checksum = patched(packet.tcp().checksum, delta);
}

// The IP header, which is all that a later fragment has: its first one's checksum covers both headers' changes.
inline void nat_ip_to_backend(Packet& packet, const ConnEntry4& entry) noexcept {
  Ipv4Header& ip = packet.ipv4();
  take_hop(ip, entry.l3_delta());
  ip.target = entry.backend;
}

inline void nat_ip_to_backend(Packet& packet, const ConnEntry6& entry) noexcept {
  Ipv6Header& ip = packet.ipv6();
  take_hop(ip);
  ip.target = entry.backend;
}

inline void nat_ip_to_client(Packet& packet, const ConnEntry4& entry) noexcept {
  Ipv4Header& ip = packet.ipv4();
  take_hop(ip, static_cast<std::uint16_t>(~entry.l3_delta()));
  ip.source = entry.vip;
}

inline void nat_ip_to_client(Packet& packet, const ConnEntry6& entry) noexcept {
  Ipv6Header& ip = packet.ipv6();
  take_hop(ip);
  ip.source = entry.vip;
}

template <typename Entry>
void nat_to_backend(Packet& packet, const Entry& entry) noexcept {
  nat_ip_to_backend(packet, entry);
  patch_l4(packet, entry.l4_delta);
  packet.udp().target_port = entry.backend_port;  // TCP's ports stand at the same place
}

template <typename Entry>
void nat_to_client(Packet& packet, const Entry& entry) noexcept {
  nat_ip_to_client(packet, entry);
  patch_l4(packet, static_cast<std::uint16_t>(~entry.l4_delta));
  packet.udp().source_port = entry.vip_port;
}

}  // namespace tandem
