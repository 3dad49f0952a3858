// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/judge_link.h"

#include <algorithm>

#include "dataplane/pipeline/pair_traffic.h"

namespace tandem {

namespace {

DropReason judge_target(const Pass& pass, const PortView& port, const Packet& packet) noexcept {
  const MacAddress& target = packet.eth().target;
  if (target == port.mac || target.is_multicast()) return DropReason::count_;
  const VirtualMac* group_mac = virtual_mac_at(port, packet.vlan, target);
  if (group_mac == nullptr) return DropReason::not_for_us;
  return pass.context.roles.takes_frames_of(group_mac->group) ? DropReason::count_ : DropReason::standby_mac;
}

// While both nodes hold themselves for active, the other's adverts come from a MAC that is ours as well: they must be heard, or it
// would stay so. Which of them are our own, their IP source tells.
bool is_own_sender(const Pass& pass, const PortView& port, const Packet& packet) noexcept {
  const MacAddress& source = packet.eth().source;
  if (source == port.mac) return true;
  const VirtualMac* group_mac = virtual_mac_at(port, packet.vlan, source);
  return group_mac != nullptr && pass.context.roles.is_active(group_mac->group) && !is_vrrp(packet);
}

}  // namespace

DropReason judge_link(const Pass& pass, const Packet& packet) noexcept {
  const PortView& port = port_of(pass, packet);
  if (packet.readable_bytes < sizeof(EthHeader)) return DropReason::truncated;
  if (const DropReason wrong = judge_target(pass, port, packet); wrong != DropReason::count_) return wrong;
  if (is_own_sender(pass, port, packet)) return DropReason::own_frame;
  if (packet.vlan != 0 && std::find(port.vlans.begin(), port.vlans.end(), packet.vlan) == port.vlans.end()) return DropReason::unknown_vlan;
  // Before what parse says: a packet socket cuts a super-frame to its slot, which then looks truncated.
  if (packet.frame_bytes > sizeof(EthHeader) + sizeof(VlanTag) + port.mtu_bytes) return DropReason::super_frame;
  if (packet.kind == PacketKind::malformed) return packet.reason;
  if (packet.frame_bytes - packet.l3_offset > port.mtu_bytes) return DropReason::super_frame;
  return DropReason::count_;
}

}  // namespace tandem
