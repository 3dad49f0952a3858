// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/send.h"

#include "dataplane/pipeline/own_error.h"

namespace tandem {

bool may_leave(const Pass& pass, Packet& packet, const Adjacency& hop) noexcept {
  const PortFact& port = pass.ports[hop.port];
  const bool fits = packet.frame_bytes - packet.l3_offset <= port.mtu_bytes;
  if (!port.up) pass.batch.drop(packet, DropReason::port_down);
  else if (!fits) drop_too_big(pass, packet, port.mtu_bytes);
  return port.up && fits;
}

void leave(const Pass& pass, Packet& packet, const Adjacency& hop) noexcept {
  if (!write_link(packet.mbuf, packet.frame, packet.l3_offset, hop)) return pass.batch.drop(packet, DropReason::no_buffer);
  pass.batch.transmit(packet, hop.port);
}

}  // namespace tandem
