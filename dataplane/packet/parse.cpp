// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/parse.h"

#include "common/net/checksum.h"
#include "dataplane/packet/parse_ipv6.h"
#include "dataplane/packet/parse_l4.h"

namespace tandem {

namespace {

constexpr std::uint16_t kFragmentBits = Be16{0x3fff}.wire;  // more fragments, or an offset

// A header of 20 bytes is nearly every one; its sum has no loop.
bool ipv4_checksum_is_right(const Ipv4Header& ip, std::size_t header_bytes) noexcept {
  if (header_bytes != sizeof ip) return fold(sum_bytes(&ip, header_bytes)) == 0xffff;
  std::uint64_t words[2];
  std::uint32_t last;
  std::memcpy(words, &ip, 16);
  std::memcpy(&last, reinterpret_cast<const std::uint8_t*>(&ip) + 16, 4);
  const Sum sum = (words[0] & 0xffffffff) + (words[0] >> 32) + (words[1] & 0xffffffff) + (words[1] >> 32) + last;
  return fold(sum) == 0xffff;
}

// RFC 791: a list of single bytes (end 0, no-operation 1) and of type, length, data.
bool ipv4_options_are_sound(const std::uint8_t* options, std::size_t length) noexcept {
  for (std::size_t at = 0; at < length;) {
    if (options[at] == 0) return true;
    if (options[at] == 1) {
      ++at;
      continue;
    }
    if (length - at < 2 || options[at + 1] < 2 || options[at + 1] > length - at) return false;
    at += options[at + 1];
  }
  return true;
}

void parse_ipv4(Packet& packet) noexcept {
  packet.family = Family::ipv4;
  const std::size_t room = packet.readable_bytes - packet.l3_offset;
  if (room < sizeof(Ipv4Header)) return mark_malformed(packet, DropReason::truncated);
  const Ipv4Header& ip = packet.ipv4();
  const std::size_t header_bytes = ip.header_bytes(), total_bytes = ip.total_bytes.host();
  if (ip.version() != 4 || header_bytes < sizeof ip || total_bytes < header_bytes) return mark_malformed(packet, DropReason::bad_ip_header);
  if (header_bytes > room || total_bytes > packet.frame_bytes - packet.l3_offset) return mark_malformed(packet, DropReason::truncated);
  if (!ipv4_checksum_is_right(ip, header_bytes)) return mark_malformed(packet, DropReason::bad_ip_checksum);
  if (header_bytes != sizeof ip && !ipv4_options_are_sound(packet.l3() + sizeof ip, header_bytes - sizeof ip))
    return mark_malformed(packet, DropReason::bad_ip_header);
  packet.ip_bytes = static_cast<std::uint16_t>(total_bytes);
  packet.protocol = ip.protocol;
  packet.l4_offset = static_cast<std::uint16_t>(packet.l3_offset + header_bytes);
  if ((ip.fragment.wire & kFragmentBits) != 0) [[unlikely]] {
    packet.kind = PacketKind::fragment;
    return;
  }
  parse_l4(packet, total_bytes - header_bytes);
}

// Steps over one 802.1Q tag. A second one is nobody's here: the type behind the first stays as it is, and so does the kind.
Be16 parse_tag(Packet& packet, Be16 type) noexcept {
  const auto& tag = *reinterpret_cast<const VlanTag*>(packet.frame + sizeof(EthHeader));
  if (type != kEtherVlan) return type;
  if (packet.readable_bytes < sizeof(EthHeader) + sizeof tag) {
    mark_malformed(packet, DropReason::truncated);
    return Be16{};
  }
  packet.vlan = tag.id();
  packet.l3_offset = sizeof(EthHeader) + sizeof tag;
  return tag.type;
}

void parse_arp(Packet& packet) noexcept {
  if (packet.readable_bytes - packet.l3_offset < sizeof(ArpHeader)) return mark_malformed(packet, DropReason::truncated);
  packet.kind = PacketKind::arp;
}

}  // namespace

void parse(Packet& packet) noexcept {
  packet.vlan = 0;
  packet.l3_offset = sizeof(EthHeader);
  packet.kind = PacketKind::other_ethernet;
  packet.ip_bytes = 0;
  if (packet.readable_bytes < sizeof(EthHeader)) return mark_malformed(packet, DropReason::truncated);
  Be16 type = packet.eth().type;
  if (type == kEtherVlan) [[unlikely]]
    type = parse_tag(packet, type);
  if (type == kEtherIpv4) return parse_ipv4(packet);
  if (type == kEtherIpv6) return parse_ipv6(packet);
  if (type == kEtherArp) return parse_arp(packet);
}

}  // namespace tandem
