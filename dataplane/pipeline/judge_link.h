// SPDX-License-Identifier: Apache-2.0
// Whether a frame is for this node at all: its MACs, its tag, its length. What the link says must be right before anything behind
// it matters. The destination MAC is checked on every port: the node's own whatever its roles, a group's
// virtual MAC only while this node takes the group's frames, so that a frame which a switch floods is forwarded by one node.
#pragma once

#include "dataplane/model/lan.h"
#include "dataplane/pipeline/pass.h"

namespace tandem {

inline const PortView& port_of(const Pass& pass, const Packet& packet) noexcept { return (*pass.generation.ports)[index(packet.port)]; }

// count_: nothing is wrong. Relies on parse.
DropReason judge_link(const Pass& pass, const Packet& packet) noexcept;

// The group's MAC that the frame came to. Null: to the node's own, or to many.
inline const VirtualMac* virtual_target(const Pass& pass, const Packet& packet) noexcept {
  const PortView& port = port_of(pass, packet);
  if (port.virtual_macs.empty() || packet.eth().target == port.mac) return nullptr;
  return virtual_mac_at(port, packet.vlan, packet.eth().target);
}

}  // namespace tandem
