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

// Other addresses, and one hop less to live. False: no room in the buffer.
template <typename Entry>
bool readdress(Packet& packet, [[maybe_unused]] const Entry& entry, const IpAddress& source, const IpAddress& target,
               Direction direction) noexcept {
  if (packet.family != source.family) {
    if (source.family == Family::ipv6) return become_ipv6(packet, source.v6(), target.v6());
    become_ipv4(packet, source.v4(), target.v4());
    return true;
  }
  if constexpr (std::is_same_v<Entry, ConnEntry4>) {
    if (packet.family == Family::ipv4) {
      const std::uint16_t delta = full_nat_l3_delta(entry);
      take_hop(packet.ipv4(), direction == Direction::from_client ? delta : static_cast<std::uint16_t>(~delta));
      packet.ipv4().source = source.v4(), packet.ipv4().target = target.v4();
      return true;
    }
  }
  take_hop(packet.ipv6());
  packet.ipv6().source = source.v6(), packet.ipv6().target = target.v6();
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
  if (!readdress(packet, entry, pool, backend, Direction::from_client)) return false;
  retransport(packet, entry.l4_delta, entry.own_source().port, entry.backend_port);
  return true;
}

template <typename Entry>
bool full_nat_to_client(Packet& packet, const Entry& entry) noexcept {
  if (!readdress(packet, entry, IpAddress{entry.vip}, IpAddress{entry.client}, Direction::from_backend)) return false;
  retransport(packet, static_cast<std::uint16_t>(~entry.l4_delta), entry.vip_port, entry.client_port);
  return true;
}

}  // namespace tandem
