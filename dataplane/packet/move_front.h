// SPDX-License-Identifier: Apache-2.0
// The front of a frame moves when the IP header in it becomes longer or shorter, or another one comes before it.
#pragma once

#include <cstring>

#include "dataplane/packet/packet.h"

namespace tandem {

// What a link header says beside its addresses, which whoever sends the packet writes anyway: type, or tag and type.
inline void move_link(std::uint8_t* to, const std::uint8_t* from, std::size_t link_bytes) noexcept {
  if (link_bytes == sizeof(EthHeader)) [[likely]]  // a copy of any length would be a call
    reinterpret_cast<EthHeader*>(to)->type = reinterpret_cast<const EthHeader*>(from)->type;
  else std::memmove(to, from, link_bytes);
}

// Makes the frame so many bytes longer in front, or shorter: the link header stands at its new beginning, without its addresses, and what
// lies between it and the old IP header is to be written. False when the buffer has no room; the packet is as it was then.
inline bool move_front(Packet& packet, int growth) noexcept {
  const std::uint8_t* const link = packet.frame;
  char* const front = growth >= 0 ? rte_pktmbuf_prepend(packet.mbuf, static_cast<std::uint16_t>(growth))
                                  : rte_pktmbuf_adj(packet.mbuf, static_cast<std::uint16_t>(-growth));
  if (front == nullptr) return false;
  packet.frame = reinterpret_cast<std::uint8_t*>(front);
  move_link(packet.frame, link, packet.l3_offset);
  packet.frame_bytes += static_cast<std::uint32_t>(growth), packet.readable_bytes += static_cast<std::uint32_t>(growth);
  packet.ip_bytes = static_cast<std::uint16_t>(packet.ip_bytes + growth);
  return true;
}

}  // namespace tandem
