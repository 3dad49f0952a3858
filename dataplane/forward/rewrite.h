// SPDX-License-Identifier: Apache-2.0
// What every method does to a packet: one hop less to live, and the next hop's Ethernet header.
#pragma once

#include "common/net/checksum.h"
#include "dataplane/model/adjacency.h"
#include "dataplane/packet/packet.h"

namespace tandem {

// Folds a sum of a few 16-bit words: two steps do what fold() needs four for.
constexpr std::uint16_t fold_small(std::uint32_t sum) noexcept {
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum + (sum >> 16));
}

// RFC 1624 with several folded deltas at once.
constexpr Be16 patched(Be16 checksum, std::uint32_t deltas) noexcept {
  return Be16::from_wire(static_cast<std::uint16_t>(~fold_small(static_cast<std::uint16_t>(~checksum.wire) + deltas)));
}

// TTL is the upper half of its word, so one less is -0x0100, which in ones' complement is its inverse.
inline constexpr std::uint32_t kHopDelta = Be16{0xfeff}.wire;

// Relies on TTL or hop limit above 1 (DropReason::ttl_expired).
inline void take_hop(Ipv4Header& ip, std::uint16_t address_delta) noexcept {
  ip.ttl = static_cast<std::uint8_t>(ip.ttl - 1);
  ip.checksum = patched(ip.checksum, kHopDelta + address_delta);
}
inline void take_hop(Ipv6Header& ip) noexcept { ip.hop_limit = static_cast<std::uint8_t>(ip.hop_limit - 1); }

inline constexpr std::size_t kMacBytes = 2 * sizeof(MacAddress);

// Takes a tag away or makes room for one: the type in front of the IP header stays where it is. Null: no headroom.
std::uint8_t* reshape_link(rte_mbuf* mbuf, std::size_t from_bytes, std::size_t to_bytes) noexcept;
void write_tag(std::uint8_t* frame, Be16 control, bool was_tagged) noexcept;

// Writes the hop's MACs, and its tag or none. False when there is no headroom for the tag.
inline bool write_link(rte_mbuf* mbuf, std::uint8_t* frame, std::size_t link_bytes, const Adjacency& hop) noexcept {
  const std::size_t wanted = hop.tagged() ? sizeof(EthHeader) + sizeof(VlanTag) : sizeof(EthHeader);
  if (wanted != link_bytes) [[unlikely]] {
    frame = reshape_link(mbuf, link_bytes, wanted);
    if (frame == nullptr) return false;
  }
  std::memcpy(frame, &hop.target, kMacBytes);
  if (hop.tagged()) [[unlikely]]
    write_tag(frame, hop.vlan, link_bytes == wanted);
  return true;
}

}  // namespace tandem
