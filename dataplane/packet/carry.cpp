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

// In vlan_tci_outer: port, family, kind.
constexpr unsigned kIpv6Bit = 8, kKindAt = 9, kPortMask = (1U << kIpv6Bit) - 1;

bool has_owner(PacketKind kind) noexcept { return kind <= PacketKind::later_fragment; }
static_assert(PacketKind::transport < PacketKind::later_fragment && PacketKind::icmp < PacketKind::later_fragment &&
              PacketKind::fragment < PacketKind::later_fragment && PacketKind::first_fragment < PacketKind::later_fragment);

struct Ports {
  Be16 source, target;
};
static_assert(sizeof(Ports) == sizeof(std::uint32_t));

void take_transport(Packet& packet) noexcept {
  packet.source_port = packet.udp().source_port;  // TCP's ports stand at the same place
  packet.target_port = packet.udp().target_port;
  packet.l4_flags = packet.is_tcp() ? packet.tcp().flags : std::uint8_t{0};
}

void carry_ports(const Packet& packet) noexcept {
  const Ports ports{packet.source_port, packet.target_port};
  std::memcpy(&packet.mbuf->hash.rss, &ports, sizeof ports);
}

void take_ports(Packet& packet) noexcept {
  Ports ports;
  std::memcpy(static_cast<void*>(&ports), &packet.mbuf->hash.rss, sizeof ports);
  packet.source_port = ports.source, packet.target_port = ports.target;
}

}  // namespace

void carry(const Packet& packet) noexcept {
  ensure(has_owner(packet.kind));
  const Offsets offsets{packet.l4_offset, packet.l3_offset, packet.protocol};
  std::memcpy(&packet.mbuf->packet_type, &offsets, sizeof offsets);
  packet.mbuf->vlan_tci = packet.vlan;
  const unsigned ipv6 = packet.family == Family::ipv6 ? 1 : 0;
  packet.mbuf->vlan_tci_outer =
      static_cast<std::uint16_t>(index(packet.port) | ipv6 << kIpv6Bit | static_cast<unsigned>(packet.kind) << kKindAt);
  if (packet.kind == PacketKind::later_fragment) carry_ports(packet);
}

void take_carried(Packet& packet) noexcept {
  Offsets offsets;
  std::memcpy(&offsets, &packet.mbuf->packet_type, sizeof offsets);
  packet.l4_offset = offsets.l4_offset;
  packet.l3_offset = offsets.l3_offset;
  packet.protocol = offsets.protocol;
  packet.vlan = packet.mbuf->vlan_tci;
  const std::uint16_t bits = packet.mbuf->vlan_tci_outer;
  packet.port = static_cast<PortId>(bits & kPortMask);
  packet.family = (bits >> kIpv6Bit & 1) == 0 ? Family::ipv4 : Family::ipv6;
  packet.kind = static_cast<PacketKind>(bits >> kKindAt);
  packet.ip_bytes = packet.family == Family::ipv4 ? packet.ipv4().total_bytes.host()
                                                  : static_cast<std::uint16_t>(sizeof(Ipv6Header) + packet.ipv6().payload_bytes.host());
  if (packet.kind == PacketKind::transport || packet.kind == PacketKind::first_fragment) [[likely]]
    return take_transport(packet);
  packet.l4_flags = packet.kind == PacketKind::icmp ? packet.icmp().type : std::uint8_t{0};
  if (packet.kind == PacketKind::later_fragment) take_ports(packet);
}

}  // namespace tandem
