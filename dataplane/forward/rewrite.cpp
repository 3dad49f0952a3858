// SPDX-License-Identifier: Apache-2.0
#include "dataplane/forward/rewrite.h"

namespace tandem {

std::uint8_t* reshape_link(rte_mbuf* mbuf, std::size_t from_bytes, std::size_t to_bytes) noexcept {
  if (to_bytes < from_bytes)
    return reinterpret_cast<std::uint8_t*>(rte_pktmbuf_adj(mbuf, static_cast<std::uint16_t>(from_bytes - to_bytes)));
  return reinterpret_cast<std::uint8_t*>(rte_pktmbuf_prepend(mbuf, static_cast<std::uint16_t>(to_bytes - from_bytes)));
}

// The priority that a tagged packet came with goes on with it (802.1Q: PCP and DEI are the upper four bits).
void write_tag(std::uint8_t* frame, Be16 control, bool was_tagged) noexcept {
  VlanTag& tag = *reinterpret_cast<VlanTag*>(frame + kMacBytes + sizeof(Be16));
  const auto priority = static_cast<std::uint16_t>((was_tagged ? tag.control : control).host() & 0xf000);
  tag.control = Be16{static_cast<std::uint16_t>(priority | (control.host() & 0x0fff))};
  reinterpret_cast<EthHeader*>(frame)->type = kEtherVlan;
}

}  // namespace tandem
