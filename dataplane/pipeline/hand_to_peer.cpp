// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/hand_to_peer.h"

#include "dataplane/pipeline/judge_link.h"

namespace tandem {

// As it came but for its MACs: the peer counts the hop.
bool hand_to_peer(const Pass& pass, Packet& packet) noexcept {
  const PortView& port = port_of(pass, packet);
  const MacAddress* peer = peer_mac_on(port, packet.vlan);
  EthHeader& eth = packet.eth();
  if (peer == nullptr || !port.up || is_peer_mac(port, packet.vlan, eth.source)) return false;
  eth.target = *peer;
  eth.source = port.mac;
  pass.counters().handed_to_peer.add();
  pass.batch.transmit(packet, packet.port);
  return true;
}

}  // namespace tandem
