// SPDX-License-Identifier: Apache-2.0
#include "dataplane/local/icmp_error.h"

#include <algorithm>

#include "dataplane/packet/icmp.h"

namespace tandem {

namespace {

constexpr std::uint8_t kHops = 64;
constexpr std::uint8_t kInternetworkControl = 0xc0;  // RFC 1812 4.3.2.5: errors have precedence 6
constexpr Be16 kDontFragment{0x4000};                // an atomic datagram, whose id may be 0 (RFC 6864 4.1)
constexpr std::size_t kMostBytes4 = 576, kMostBytes6 = 1280;

std::size_t header_bytes(Family family) noexcept {
  return (family == Family::ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)) + sizeof(IcmpHeader);
}

std::size_t quotable_bytes(const Packet& packet) noexcept {
  const std::size_t most = (packet.family == Family::ipv4 ? kMostBytes4 : kMostBytes6) - header_bytes(packet.family);
  return std::min<std::size_t>({most, packet.ip_bytes, packet.readable_bytes - packet.l3_offset});
}

void write_ip(Packet& packet, const IpAddress& from, const IpAddress& to) noexcept {
  packet.protocol = static_cast<std::uint8_t>(packet.family == Family::ipv4 ? Protocol::icmp : Protocol::icmpv6);
  if (packet.family == Family::ipv6) {
    const Be16 payload{static_cast<std::uint16_t>(packet.ip_bytes - sizeof(Ipv6Header))};
    packet.ipv6() = {Be32{0x60000000}, payload, packet.protocol, kHops, from.v6(), to.v6()};
    return;
  }
  Ipv4Header& ip = packet.ipv4();
  ip = {0x45, kInternetworkControl, Be16{packet.ip_bytes}, Be16{}, kDontFragment, kHops, packet.protocol, Be16{}, from.v4(), to.v4()};
  ip.checksum = finish_checksum(sum_bytes(&ip, sizeof ip));
}

// Both families have the MTU in the last two bytes: IPv4's field is no wider (RFC 1191 4), and no MTU needs more.
IcmpHeader header_of(OwnError error, Family family, std::uint16_t mtu_bytes) noexcept {
  if (error == OwnError::time_exceeded) return {family == Family::ipv4 ? kIcmpTimeExceeded : kIcmpv6TimeExceeded, 0, {}, {}, {}};
  if (family == Family::ipv4) return {kIcmpUnreachable, kIcmpFragmentationNeeded, {}, {}, Be16{mtu_bytes}};
  return {kIcmpv6TooBig, 0, {}, {}, Be16{mtu_bytes}};
}

// In front of the quoted packet, which moves back.
bool make_room(Packet& packet) noexcept {
  keep_first_segment(packet);
  const std::size_t headers = header_bytes(packet.family), quoted = quotable_bytes(packet);
  if (!resize(packet, static_cast<std::uint32_t>(packet.l3_offset + headers + quoted))) return false;
  std::memmove(packet.l3() + headers, packet.l3(), quoted);
  packet.ip_bytes = static_cast<std::uint16_t>(headers + quoted);
  packet.l4_offset = static_cast<std::uint16_t>(packet.l3_offset + headers - sizeof(IcmpHeader));
  packet.kind = PacketKind::icmp;
  return true;
}

}  // namespace

bool become_error(Packet& packet, OwnError error, std::uint16_t mtu_bytes, const IpAddress& from, const MacAddress& own) noexcept {
  const IpAddress sender = packet.source();
  if (!make_room(packet)) return false;
  turn_around(packet.eth(), own, packet.eth().source);
  write_ip(packet, from, sender);
  packet.icmp() = header_of(error, packet.family, mtu_bytes);
  packet.icmp().checksum = finish_checksum(icmp_pseudo_sum(packet) + sum_bytes(packet.l4(), icmp_bytes(packet)));
  return true;
}

}  // namespace tandem
