// SPDX-License-Identifier: Apache-2.0
#include "dataplane/forward/tunnel.h"

#include "dataplane/packet/move_front.h"

namespace tandem {

namespace {

constexpr std::uint16_t kFirstFlowPort = 0xc000;  // a UDP source port is one of the 16,384 from here on

std::uint8_t traffic_class(const Packet& packet) noexcept {
  return packet.family == Family::ipv4 ? packet.ipv4().tos : static_cast<std::uint8_t>(packet.ipv6().version_class_flow.host() >> 20);
}

void choose_source(std::uint8_t* last_two, Be16 bits, std::uint32_t flow) noexcept {
  Be16& place = *reinterpret_cast<Be16*>(last_two);
  place = Be16::from_wire(static_cast<std::uint16_t>(place.wire | (bits.wire & static_cast<std::uint16_t>(flow))));
}

void finish_ipv4(Ipv4Header& ip, const TunnelView& tunnel, std::uint16_t total_bytes, std::uint8_t tos, std::uint32_t flow) noexcept {
  ip.tos = tos, ip.total_bytes = Be16{total_bytes};
  choose_source(reinterpret_cast<std::uint8_t*>(&ip.source) + 2, tunnel.flow_bits, flow);
  const auto chosen = static_cast<std::uint16_t>(tunnel.flow_bits.wire & flow);
  ip.checksum = finish_checksum(Sum{tunnel.sum} + ip.total_bytes.wire + Be16{tos}.wire + chosen);
}

void finish_ipv6(Ipv6Header& ip, const TunnelView& tunnel, std::uint16_t total_bytes, std::uint8_t tos, std::uint32_t flow) noexcept {
  ip.version_class_flow = Be32{0x60000000U | std::uint32_t{tos} << 20 | (flow & 0xfffff)};  // a flow label of its own (RFC 6438)
  ip.payload_bytes = Be16{static_cast<std::uint16_t>(total_bytes - sizeof ip)};
  choose_source(reinterpret_cast<std::uint8_t*>(&ip.source) + 14, tunnel.flow_bits, flow);
}

void finish_udp(UdpHeader& udp, std::uint16_t bytes, std::uint32_t flow) noexcept {
  udp.source_port = Be16{static_cast<std::uint16_t>(kFirstFlowPort | (flow >> 16 & 0x3fff))};
  udp.length_bytes = Be16{bytes};
}

constexpr std::size_t kPiece = 16;

void copy_piece(std::uint8_t* to, const std::uint8_t* from) noexcept { std::memcpy(to, from, kPiece); }

// Of 20 to 64 bytes, in pieces that overlap: a copy of any length would be a call.
void copy_headers(std::uint8_t* to, const TunnelView& tunnel) noexcept {
  const std::uint8_t* const from = tunnel.headers.data();
  copy_piece(to, from);
  if (tunnel.bytes > 2 * kPiece) {
    copy_piece(to + kPiece, from + kPiece);
    copy_piece(to + tunnel.bytes - 2 * kPiece, from + tunnel.bytes - 2 * kPiece);
  }
  copy_piece(to + tunnel.bytes - kPiece, from + tunnel.bytes - kPiece);
}

}  // namespace

bool encapsulate(Packet& packet, const TunnelView& tunnel, std::uint32_t flow) noexcept {
  const auto tos = static_cast<std::uint8_t>((traffic_class(packet) & tunnel.kept_class) | tunnel.own_class);
  if (!move_front(packet, tunnel.bytes)) return false;
  std::uint8_t* const outer = packet.l3();
  copy_headers(outer, tunnel);
  packet.family = tunnel.family();
  if (packet.family == Family::ipv4) finish_ipv4(packet.ipv4(), tunnel, packet.ip_bytes, tos, flow);
  else finish_ipv6(packet.ipv6(), tunnel, packet.ip_bytes, tos, flow);
  if (tunnel.has_udp())
    finish_udp(*reinterpret_cast<UdpHeader*>(outer + tunnel.ip_bytes), static_cast<std::uint16_t>(packet.ip_bytes - tunnel.ip_bytes), flow);
  if (tunnel.changes_family) *reinterpret_cast<Be16*>(packet.l3() - sizeof(Be16)) = packet.family == Family::ipv4 ? kEtherIpv4 : kEtherIpv6;
  return true;
}

}  // namespace tandem
