// SPDX-License-Identifier: Apache-2.0
// A packet into its tunnel: one hop less to live inside, the outer headers in front. The backend takes them off, and finds the VIP as
// the packet's destination. The congestion mark is the one inside (RFC 6040 4.1), the DSCP too (RFC 2983 4.1) where none is configured.
#pragma once

#include "dataplane/conn/entry.h"
#include "dataplane/forward/rewrite.h"
#include "dataplane/model/tunnel.h"

namespace tandem {

// The same for all packets of a flow, and spread well enough for queues; anybody may compute it.
inline std::uint32_t flow_number(std::uint32_t address, Be16 port) noexcept {
  const std::uint64_t mixed = (std::uint64_t{address} << 16 | port.wire) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(mixed >> 32);
}
inline std::uint32_t flow_number(const ConnEntry4& entry) noexcept {
  std::uint32_t address;
  std::memcpy(&address, &entry.client, sizeof address);
  return flow_number(address, entry.client_port);
}
inline std::uint32_t flow_number(const ConnEntry6& entry) noexcept {
  std::array<std::uint32_t, 4> words;
  std::memcpy(words.data(), &entry.client, sizeof words);
  return flow_number(words[0] ^ words[1] ^ words[2] ^ words[3], entry.client_port);
}

// False when the buffer has no room in front; the packet is as it was then.
bool encapsulate(Packet& packet, const TunnelView& tunnel, std::uint32_t flow) noexcept;

}  // namespace tandem
