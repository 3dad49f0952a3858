// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/pair_traffic.h"

#include "dataplane/local/answer.h"
#include "dataplane/local/arp.h"
#include "dataplane/pipeline/judge_link.h"

namespace tandem {

namespace {

// A hop limit of 255 cannot have crossed a router, so no stranger beyond this LAN sends adverts (RFC 9568 7.1).
constexpr std::uint8_t kFromThisLan = 255;

// False: to somebody else.
bool take_advert(const Pass& pass, Packet& packet) noexcept {
  const IpAddress target = packet.target();
  if (!target.is_multicast() && !is_node_address(pass.generation, target)) return false;
  if (packet.hop_limit() != kFromThisLan) pass.batch.drop(packet, DropReason::vrrp_ttl);
  else if (is_node_address(pass.generation, packet.source())) pass.batch.drop(packet, DropReason::own_frame);
  else pass.batch.give_to_pair(packet);
  return true;
}

bool is_datagram_of_peer(const Pass& pass, const Packet& packet) noexcept {
  return packet.kind == PacketKind::transport && !packet.is_tcp() && packet.target_port.host() == pass.generation.pair.udp_port &&
         has_plain_header(packet) && is_peer_address(port_of(pass, packet), packet.vlan, packet.source()) &&
         is_node_address(pass.generation, packet.target());
}

// Nobody's address: to a question that named no sender (RFC 5227 1.1).
bool answers_this_node(const Pass& pass, const Packet& packet) noexcept {
  if (packet.kind == PacketKind::arp) {
    const IpAddress asked_by{packet.arp().target};
    return is_arp_reply(packet) && packet.arp().target_mac == packet.eth().target &&
           (asked_by.is_unspecified() || is_node_address(pass.generation, asked_by));
  }
  return packet.l4_flags == kNdNeighbourAdvert && packet.hop_limit() == kFromThisLan && is_node_address(pass.generation, packet.target());
}

}  // namespace

bool take_pair_traffic(const Pass& pass, Packet& packet) noexcept {
  if (!pass.generation.pair.on) return false;
  if (is_vrrp(packet)) return take_advert(pass, packet);
  if (!is_datagram_of_peer(pass, packet)) return false;
  pass.batch.give_to_pair(packet);
  return true;
}

void note_witness(const Pass& pass, const Packet& packet) noexcept {
  if (!pass.generation.pair.on) return;
  const PortView& port = port_of(pass, packet);
  const EthHeader& eth = packet.eth();
  if (eth.target != port.mac || is_peer_mac(port, packet.vlan, eth.source) || !answers_this_node(pass, packet)) return;
  pass.counters().port_witness[index(packet.port)].set(static_cast<std::uint64_t>(pass.context.now.since_start.count()));
}

}  // namespace tandem
