// SPDX-License-Identifier: Apache-2.0
// The last step of a packet to a backend behind a tunnel: send.h's way, with a line of outer headers besides.
#pragma once

#include "dataplane/forward/tunnel.h"
#include "dataplane/pipeline/send.h"

namespace tandem {

template <typename Entry>
void send_by_tunnel(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  const TunnelView& tunnel = pass.tunnels[index(entry.backend_slot)];
  if (tunnel.bytes == 0) [[unlikely]]  // its configuration names no source of the backend's family any more
    return pass.batch.drop(packet, DropReason::no_route);
  const Adjacency& hop = pass.backend_hops[index(entry.backend_slot)];
  const bool plainly = leaves_plainly(pass, packet, hop, tunnel.bytes);
  if (!plainly && hop.resolved())
    if (const DropReason wrong = judge_hop(pass, packet, hop, tunnel.bytes); wrong != DropReason::count_)
      return pass.batch.drop(packet, wrong);
  const std::uint16_t inner_bytes = packet.ip_bytes;
  l2_dsr(packet, entry);
  if (!encapsulate(packet, tunnel, flow_number(entry))) return pass.batch.drop(packet, DropReason::no_buffer);
  count_received(pass, inner_bytes, entry.backend_slot);
  if (plainly) return leave_plainly(pass, packet, hop);
  if (!hop.resolved()) return pass.batch.hold(packet, pass.backend_views[index(entry.backend_slot)].address, entry.backend_slot);
  leave(pass, packet, hop);
}

}  // namespace tandem
