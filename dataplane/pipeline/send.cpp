// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/send.h"

#include "dataplane/pipeline/own_error.h"

namespace tandem {

bool may_leave(const Pass& pass, Packet& packet, const Adjacency& hop, int growth) noexcept {
  const PortFact& port = pass.ports[hop.port];
  const bool fits = static_cast<int>(packet.frame_bytes) + growth - packet.l3_offset <= port.mtu_bytes;
  if (!port.up) pass.batch.drop(packet, DropReason::port_down);
  else if (!fits) drop_too_big(pass, packet, static_cast<std::uint16_t>(port.mtu_bytes - growth));
  return port.up && fits;
}

bool is_cut_off(const Pass& pass, const IpAddress& destination) noexcept {
  const std::optional<NextHop> next = pass.generation.routes->find(destination);
  return next && !pass.ports[next->port].up;
}

void leave(const Pass& pass, Packet& packet, const Adjacency& hop) noexcept {
  if (!write_link(packet.mbuf, packet.frame, packet.l3_offset, hop)) return pass.batch.drop(packet, DropReason::no_buffer);
  pass.batch.transmit(packet, hop.port);
}

}  // namespace tandem
