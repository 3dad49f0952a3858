// SPDX-License-Identifier: Apache-2.0
// What a port has on one of its LANs (the port untagged, or one VLAN of it): groups' virtual MACs, and the other node. Lists of a
// handful, so they are walked. Off the fast path.
#pragma once

#include "dataplane/model/generation.h"

namespace tandem {

// Whose frames these are: the group that has this MAC there. Null: none.
inline const VirtualMac* virtual_mac_at(const PortView& port, std::uint16_t vlan, const MacAddress& mac) noexcept {
  for (const VirtualMac& each : port.virtual_macs)
    if (each.mac == mac && each.vlan == vlan) return &each;
  return nullptr;
}

// What a group answers with there: its virtual MAC for the family (RFC 9568 7.3), or where it has none the port's own.
inline const MacAddress& answering_mac(const PortView& port, std::uint16_t vlan, GroupId group, Family family) noexcept {
  const std::uint8_t fifth = family == Family::ipv4 ? 1 : 2;
  for (const VirtualMac& each : port.virtual_macs)
    if (each.group == group && each.vlan == vlan && each.mac.bytes[4] == fifth) return each.mac;
  return port.mac;
}

// The other node's MAC there, once it is known.
inline const MacAddress* peer_mac_on(const PortView& port, std::uint16_t vlan) noexcept {
  for (const PeerOnLan& each : port.peers)
    if (each.vlan == vlan && !each.mac.is_zero()) return &each.mac;
  return nullptr;
}

inline bool is_peer_mac(const PortView& port, std::uint16_t vlan, const MacAddress& mac) noexcept {
  for (const PeerOnLan& each : port.peers)
    if (each.vlan == vlan && each.mac == mac) return true;
  return false;
}

inline bool is_peer_address(const PortView& port, std::uint16_t vlan, const IpAddress& address) noexcept {
  for (const PeerOnLan& each : port.peers)
    if (each.vlan == vlan && each.address == address) return true;
  return false;
}

// Frames to a group's MAC that are neither a service's nor the node's. A group that is not there lets nothing through.
inline Transit transit_of(const Generation& generation, GroupId group) noexcept {
  if (generation.groups == nullptr || index(group) >= generation.groups->size()) return Transit::drop;
  return (*generation.groups)[index(group)].transit;
}

}  // namespace tandem
