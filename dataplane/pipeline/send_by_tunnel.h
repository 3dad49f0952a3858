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
  const std::uint16_t inner_bytes = packet.ip_bytes;
  send_grown(pass, packet, &pass.backend_hops[index(entry.backend_slot)], pass.backend_views[index(entry.backend_slot)].address,
             entry.backend_slot, tunnel.bytes, [&] {
               l2_dsr(packet, entry);
               if (!encapsulate(packet, tunnel, flow_number(entry))) return false;
               count_received(pass, inner_bytes, entry.backend_slot);
               return true;
             });
}

}  // namespace tandem
