// SPDX-License-Identifier: Apache-2.0
// The pair's own traffic, told from the node's: VRRP (RFC 9568), and the other node's datagrams. It goes to the pair's thread, whose
// reading is the simpler for it: only what follows an IP header without options or extension headers is taken.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

inline constexpr std::uint8_t kVrrp = 112;

inline bool has_plain_header(const Packet& packet) noexcept {
  const std::size_t plain = packet.family == Family::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
  return packet.l4_offset == packet.l3_offset + plain;
}

inline bool is_vrrp(const Packet& packet) noexcept {
  return packet.kind == PacketKind::other_protocol && packet.protocol == kVrrp && has_plain_header(packet);
}

// True: it was the pair's, and has its verdict. Without a pair nothing is. Relies on an IP packet that is no service's.
bool take_pair_traffic(const Pass& pass, Packet& packet) noexcept;

// An answer to ARP or neighbour discovery for this very node, from anybody but the peer, shows that the LAN hears us and we hear
// it: noted for the pair's thread, which asks gateways and backends when it hears no peer.
void note_witness(const Pass& pass, const Packet& packet) noexcept;

}  // namespace tandem
