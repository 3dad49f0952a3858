// SPDX-License-Identifier: Apache-2.0
// The packet that nearly every packet is: untagged IP without options or extension headers, whole, TCP or UDP, within the MTU, to
// the node's MAC or a virtual one that is taken. Read with a few wide loads and one branch for all that may be odd. It never judges:
// whatever is odd is parse's to name, and a test holds the two together (tests/unit/packet).
#pragma once

#include "common/base/load_word.h"
#include "dataplane/packet/packet.h"
#include "dataplane/packet/vrid_set.h"

namespace tandem {

// What the next step asks of a plain packet, while it is still in registers.
struct PlainIpv4 {
  std::uint32_t source, target;            // as on the wire
  std::uint16_t source_port, target_port;  // as on the wire
  std::uint8_t protocol, ttl;
};

namespace detail {

inline constexpr std::uint64_t kSixBytes = 0xffff'ffff'ffff;
inline constexpr std::size_t kEth = sizeof(EthHeader), kIp = sizeof(Ipv4Header), kPlainBytes = kEth + kIp + sizeof(TcpHeader);
inline constexpr std::size_t kIp6 = sizeof(Ipv6Header), kPlainBytes6 = kEth + kIp6 + sizeof(TcpHeader);

// The second word of what parse finds (packet.h), but for protocol and flags: no VLAN, l3_offset, family, transport.
constexpr std::uint64_t plain_word(Family family) noexcept {
  return kEth << 16 | std::uint64_t{static_cast<std::uint8_t>(family)} << 40 |
         std::uint64_t{static_cast<std::uint8_t>(PacketKind::transport)} << 48;
}

// Both words of the record. `ports`: the first four bytes of TCP or UDP in the upper half.
inline void note_plain(Packet& packet, Family family, std::size_t total, std::size_t l4_offset, std::uint64_t ports,
                       std::uint8_t protocol) noexcept {
  const std::uint8_t flags = protocol == static_cast<std::uint8_t>(Protocol::tcp) ? packet.frame[l4_offset + 13] : std::uint8_t{0};
  const std::uint64_t words[2] = {total | l4_offset << 16 | (ports & 0xffff'ffff'0000'0000),
                                  plain_word(family) | std::uint64_t{protocol} << 24 | std::uint64_t{flags} << 32};
  std::memcpy(reinterpret_cast<std::uint8_t*>(&packet) + offsetof(Packet, ip_bytes), words, sizeof words);
}

// First word of an IPv4 header: version 4 and 5 words in byte 0; no offset, no more fragments in bytes 6 and 7.
inline constexpr std::uint64_t kShapeMask = 0xff3f'0000'0000'00ff, kShape = 0x45;

// RFC 1071 over 20 bytes: carries of a 64-bit sum come back in, then it is folded.
inline bool plain_sum_is_right(std::uint64_t first, std::uint64_t second, std::uint32_t third) noexcept {
  std::uint64_t sum;
  sum = first + second;
  sum += sum < second;
  sum = (sum & 0xffffffff) + (sum >> 32) + third;
  sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16)) == 0xffff;
}

// TCP's data offset or UDP's length lies within the `length` bytes behind the IP header. Other protocols: false.
inline bool plain_l4_is_sound(const std::uint8_t* l4, std::uint8_t protocol, std::size_t length) noexcept {
  if (protocol == static_cast<std::uint8_t>(Protocol::tcp)) [[likely]] {
    const std::size_t header = static_cast<std::size_t>(l4[12] >> 4) * 4;
    return header >= sizeof(TcpHeader) && header <= length;
  }
  if (protocol != static_cast<std::uint8_t>(Protocol::udp)) return false;
  const std::size_t counted = reinterpret_cast<const UdpHeader*>(l4)->length_bytes.host();
  return counted >= sizeof(UdpHeader) && counted <= length;
}

// Not ours: neither to the node MAC nor to a virtual one that is taken. One comparison where all frames come to the node MAC;
// clients of a group come by its router to the virtual one.
inline bool is_to_other(std::uint64_t to, std::uint64_t own_mac, std::uint64_t virtual_mac, const VridSet& taken) noexcept {
  if (((to ^ own_mac) & kSixBytes) == 0) return false;
  return ((to ^ virtual_mac) & kVirtualMacMask) != 0 || !taken.holds(vrid_of(to));
}

// From the node MAC, or from a virtual one: nobody forwards from these, so it is looked at closely.
inline bool is_from_odd(std::uint64_t from, std::uint64_t own_mac) noexcept {
  return ((from & kSixBytes) == own_mac) | (static_cast<std::uint32_t>(from) == kVirtualMacBlock);
}

}  // namespace detail

// `own_mac` as loaded from the wire, in the low 48 bits; `taken`: VRIDs of IPv4's virtual MACs. True: the record is as parse
// would have made it.
inline bool parse_plain(Packet& packet, std::uint64_t own_mac, const VridSet& taken, std::size_t mtu_bytes, PlainIpv4& plain) noexcept {
  using namespace detail;
  if (packet.readable_bytes < kPlainBytes) [[unlikely]]
    return false;
  const std::uint8_t* frame = packet.frame;
  const std::uint64_t to = load_word(frame), from_and_type = load_word(frame + 6);
  const std::uint64_t first = load_word(frame + kEth), second = load_word(frame + kEth + 8), third = load_word(frame + kEth + 16);
  const std::size_t room = packet.frame_bytes - kEth, total = __builtin_bswap16(static_cast<std::uint16_t>(first >> 16));
  const auto protocol = static_cast<std::uint8_t>(second >> 8);
  const std::uint64_t odd = (from_and_type >> 48 ^ kEtherIpv4.wire) | ((first & kShapeMask) ^ kShape);
  if (is_to_other(to, own_mac, kVirtualMacIpv4, taken)) [[unlikely]]
    return false;
  if ((odd != 0) | is_from_odd(from_and_type, own_mac) | (room > mtu_bytes) | (total > room) | (total < kIp)) [[unlikely]]
    return false;
  const unsigned sum_is_right = plain_sum_is_right(first, second, static_cast<std::uint32_t>(third));
  const unsigned l4_is_sound = plain_l4_is_sound(frame + kEth + kIp, protocol, total - kIp);
  if ((sum_is_right & l4_is_sound) == 0) [[unlikely]]  // one branch for both
    return false;
  plain = {static_cast<std::uint32_t>(second >> 32),
           static_cast<std::uint32_t>(third),
           static_cast<std::uint16_t>(third >> 32),
           static_cast<std::uint16_t>(third >> 48),
           protocol,
           static_cast<std::uint8_t>(second)};
  note_plain(packet, Family::ipv4, total, kEth + kIp, third, protocol);
  return true;
}

// The same for IPv6, whose addresses are too wide for registers.
inline bool parse_plain_ipv6(Packet& packet, std::uint64_t own_mac, const VridSet& taken, std::size_t mtu_bytes) noexcept {
  using namespace detail;
  if (packet.readable_bytes < kPlainBytes6) [[unlikely]]
    return false;
  const std::uint8_t* frame = packet.frame;
  const std::uint64_t to = load_word(frame), from_and_type = load_word(frame + 6), first = load_word(frame + kEth);
  const std::size_t room = packet.frame_bytes - kEth, payload = __builtin_bswap16(static_cast<std::uint16_t>(first >> 32));
  const auto protocol = static_cast<std::uint8_t>(first >> 48);
  const std::uint64_t odd = (from_and_type >> 48 ^ kEtherIpv6.wire) | ((first & 0xf0) ^ 0x60);
  if (is_to_other(to, own_mac, kVirtualMacIpv6, taken)) [[unlikely]]
    return false;
  if ((odd != 0) | is_from_odd(from_and_type, own_mac) | (room > mtu_bytes) | (payload + kIp6 > room)) [[unlikely]]
    return false;
  if (!plain_l4_is_sound(frame + kEth + kIp6, protocol, payload)) [[unlikely]]
    return false;
  note_plain(packet, Family::ipv6, payload + kIp6, kEth + kIp6, load_word(frame + kEth + kIp6 - 4), protocol);
  return true;
}

}  // namespace tandem
