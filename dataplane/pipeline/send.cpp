// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/send.h"

namespace tandem {

DropReason judge_hop(const Pass& pass, const Packet& packet, const Adjacency& hop, std::uint32_t more_bytes) noexcept {
  const PortFact& port = pass.ports[hop.port];
  if (!port.up) return DropReason::port_down;
  return packet.frame_bytes + more_bytes - packet.l3_offset > port.mtu_bytes ? DropReason::mtu_exceeded : DropReason::count_;
}

void leave(const Pass& pass, Packet& packet, const Adjacency& hop) noexcept {
  if (!write_link(packet.mbuf, packet.frame, packet.l3_offset, hop)) return pass.batch.drop(packet, DropReason::no_buffer);
  pass.batch.transmit(packet, hop.port);
}

}  // namespace tandem
