// SPDX-License-Identifier: Apache-2.0
// Both ends are translated: the backend sees a pool address and port of ours. Checksums are patched by the entry's delta (RFC 1624);
// where the backend is of the other family the IP header is made anew (change_family.h).
#pragma once

#include "dataplane/conn/entry.h"
#include "dataplane/forward/change_family.h"
#include "dataplane/forward/nat.h"

namespace tandem {

// The delta of the addresses alone: l4_delta without the ports' share. For IPv4's own checksum.
inline std::uint16_t full_nat_l3_delta(const ConnEntry4& entry) noexcept {
  const auto less = [](Be16 port) { return static_cast<std::uint16_t>(~port.wire); };
  return fold(Sum{entry.l4_delta} + entry.client_port.wire + entry.vip_port.wire + less(entry.own_source().port) +
              less(entry.backend_port));
}

// Other addresses of the same family, and one hop less to live.
inline void readdress(Packet& packet, std::uint16_t delta, Ipv4Address source, Ipv4Address target) noexcept {
  take_hop(packet.ipv4(), delta);
  packet.ipv4().source = source, packet.ipv4().target = target;
}
inline void readdress(Packet& packet, const Ipv6Address& source, const Ipv6Address& target) noexcept {
  take_hop(packet.ipv6());
  packet.ipv6().source = source, packet.ipv6().target = target;
}

// False: no room in the buffer.
inline bool readdress_to_backend(Packet& packet, const ConnEntry4& entry, const IpAddress& pool, const IpAddress& backend) noexcept {
  if (backend.family == Family::ipv6) return become_ipv6(packet, pool.v6(), backend.v6());
  readdress(packet, full_nat_l3_delta(entry), pool.v4(), backend.v4());
  return true;
}
inline bool readdress_to_backend(Packet& packet, const ConnEntry6&, const IpAddress& pool, const IpAddress& backend) noexcept {
  if (backend.family == Family::ipv4) become_ipv4(packet, pool.v4(), backend.v4());
  else readdress(packet, pool.v6(), backend.v6());
  return true;
}
inline bool readdress_to_client(Packet& packet, const ConnEntry4& entry) noexcept {
  if (packet.family == Family::ipv6) become_ipv4(packet, entry.vip, entry.client);
  else readdress(packet, static_cast<std::uint16_t>(~full_nat_l3_delta(entry)), entry.vip, entry.client);
  return true;
}
inline bool readdress_to_client(Packet& packet, const ConnEntry6& entry) noexcept {
  if (packet.family == Family::ipv4) return become_ipv6(packet, entry.vip, entry.client);
  readdress(packet, entry.vip, entry.client);
  return true;
}

// RFC 8200 8.1: over IPv6 a UDP checksum is needed, and there is none to patch.
void sum_udp_anew(Packet& packet) noexcept;

// A later fragment has no transport header; a first one is not all that a sum would cover.
inline void retransport(Packet& packet, std::uint16_t delta, Be16 source_port, Be16 target_port) noexcept {
  if (packet.kind == PacketKind::later_fragment) [[unlikely]]
    return;
  const bool unsummed = packet.kind == PacketKind::transport && !packet.is_tcp() && packet.udp().checksum.wire == 0;
  patch_l4(packet, delta);
  packet.udp().source_port = source_port;  // TCP's ports stand at the same place
  packet.udp().target_port = target_port;
  if (unsummed && packet.family == Family::ipv6) [[unlikely]]
    sum_udp_anew(packet);
}

// `pool` and `backend`: the addresses that stand behind the entry's pool slot and backend slot.
template <typename Entry>
bool full_nat_to_backend(Packet& packet, const Entry& entry, const IpAddress& pool, const IpAddress& backend) noexcept {
  if (!readdress_to_backend(packet, entry, pool, backend)) return false;
  retransport(packet, entry.l4_delta, entry.own_source().port, entry.backend_port);
  return true;
}

template <typename Entry>
bool full_nat_to_client(Packet& packet, const Entry& entry) noexcept {
  if (!readdress_to_client(packet, entry)) return false;
  retransport(packet, static_cast<std::uint16_t>(~entry.l4_delta), entry.vip_port, entry.client_port);
  return true;
}

}  // namespace tandem
