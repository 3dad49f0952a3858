// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/carry.h"

#include "common/base/ensure.h"

namespace tandem {

namespace {

// In place of packet_type; tag and port take the two VLAN fields.
struct Offsets {
  std::uint16_t l4_offset;
  std::uint8_t l3_offset, protocol;
};
static_assert(sizeof(Offsets) == sizeof(std::uint32_t));

bool is_icmp(const Packet& packet) noexcept {
  const Protocol icmp = packet.family == Family::ipv4 ? Protocol::icmp : Protocol::icmpv6;
  return packet.protocol == static_cast<std::uint8_t>(icmp);
}

void take_transport(Packet& packet) noexcept {
  packet.kind = PacketKind::transport;
  packet.source_port = packet.udp().source_port;  // TCP's ports stand at the same place
  packet.target_port = packet.udp().target_port;
  packet.l4_flags = packet.is_tcp() ? packet.tcp().flags : std::uint8_t{0};
}

void take_icmp(Packet& packet) noexcept {
  packet.kind = PacketKind::icmp;
  packet.l4_flags = packet.icmp().type;
}

}  // namespace

void carry(const Packet& packet) noexcept {
  ensure(packet.kind == PacketKind::transport || packet.kind == PacketKind::icmp);
  const Offsets offsets{packet.l4_offset, packet.l3_offset, packet.protocol};
  std::memcpy(&packet.mbuf->packet_type, &offsets, sizeof offsets);
  packet.mbuf->vlan_tci = packet.vlan;
  packet.mbuf->vlan_tci_outer = static_cast<std::uint16_t>(index(packet.port) | (packet.family == Family::ipv4 ? 0U : 0x100U));
}

void take_carried(Packet& packet) noexcept {
  Offsets offsets;
  std::memcpy(&offsets, &packet.mbuf->packet_type, sizeof offsets);
  packet.l4_offset = offsets.l4_offset;
  packet.l3_offset = offsets.l3_offset;
  packet.protocol = offsets.protocol;
  packet.vlan = packet.mbuf->vlan_tci;
  packet.port = static_cast<PortId>(packet.mbuf->vlan_tci_outer & 0xff);
  packet.family = (packet.mbuf->vlan_tci_outer & 0x100) == 0 ? Family::ipv4 : Family::ipv6;
  packet.ip_bytes = packet.family == Family::ipv4 ? packet.ipv4().total_bytes.host()
                                                  : static_cast<std::uint16_t>(sizeof(Ipv6Header) + packet.ipv6().payload_bytes.host());
  if (is_icmp(packet)) [[unlikely]]
    return take_icmp(packet);
  take_transport(packet);
}

}  // namespace tandem
