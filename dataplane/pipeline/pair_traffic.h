// SPDX-License-Identifier: Apache-2.0
// The pair's own traffic, told from the node's: VRRP (RFC 9568), and the other node's datagrams. It goes to the pair's thread.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

inline constexpr std::uint8_t kVrrp = 112;

inline bool is_vrrp(const Packet& packet) noexcept { return packet.kind == PacketKind::other_protocol && packet.protocol == kVrrp; }

// True: it was the pair's, and has its verdict. Without a pair nothing is. Relies on an IP packet that is no service's.
bool take_pair_traffic(const Pass& pass, Packet& packet) noexcept;

// An answer to ARP or neighbour discovery for this very node, from anybody but the peer, shows that the LAN hears us and we hear
// it: noted for the pair's thread, which asks gateways and backends when it hears no peer.
void note_witness(const Pass& pass, const Packet& packet) noexcept;

}  // namespace tandem
