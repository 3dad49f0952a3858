// SPDX-License-Identifier: Apache-2.0
// Headers as they lie on the wire. All are packed views of bytes at any alignment; lengths are checked before a view is made.
#pragma once

#include <cstdint>

#include "common/net/address.h"
#include "common/net/byte_order.h"

namespace tandem {

#pragma pack(push, 1)

inline constexpr Be16 kEtherIpv4{0x0800}, kEtherArp{0x0806}, kEtherVlan{0x8100}, kEtherQinq{0x88a8}, kEtherIpv6{0x86dd};

struct EthHeader {
  MacAddress target, source;
  Be16 type;
};

// What follows an 802.1Q type: priority, DEI and the VLAN's number in one field, then the real type.
struct VlanTag {
  Be16 control, type;
  std::uint16_t id() const { return control.host() & 0x0fff; }
};

// RFC 826, for IPv4 over Ethernet.
struct ArpHeader {
  Be16 hardware, protocol;
  std::uint8_t hardware_bytes, protocol_bytes;
  Be16 operation;
  MacAddress sender_mac;
  Ipv4Address sender;
  MacAddress target_mac;
  Ipv4Address target;
};

// RFC 791.
struct Ipv4Header {
  std::uint8_t version_words, tos;
  Be16 total_bytes, id, fragment;
  std::uint8_t ttl, protocol;
  Be16 checksum;
  Ipv4Address source, target;

  std::uint8_t version() const { return version_words >> 4; }
  std::uint8_t header_bytes() const { return static_cast<std::uint8_t>((version_words & 0x0f) * 4); }
  bool more_fragments() const { return (fragment.host() & 0x2000) != 0; }
  bool dont_fragment() const { return (fragment.host() & 0x4000) != 0; }
  std::uint16_t fragment_offset_bytes() const { return static_cast<std::uint16_t>((fragment.host() & 0x1fff) * 8); }
};

// RFC 8200.
struct Ipv6Header {
  Be32 version_class_flow;
  Be16 payload_bytes;
  std::uint8_t next_header, hop_limit;
  Ipv6Address source, target;

  std::uint8_t version() const { return static_cast<std::uint8_t>(version_class_flow.host() >> 28); }
};

// RFC 9293.
struct TcpHeader {
  Be16 source_port, target_port;
  Be32 sequence, acknowledgment;
  std::uint8_t offset_words, flags;
  Be16 window, checksum, urgent;

  std::uint8_t header_bytes() const { return static_cast<std::uint8_t>((offset_words >> 4) * 4); }
};
inline constexpr std::uint8_t kTcpFin = 0x01, kTcpSyn = 0x02, kTcpRst = 0x04, kTcpPsh = 0x08, kTcpAck = 0x10;

// RFC 768.
struct UdpHeader {
  Be16 source_port, target_port, length_bytes, checksum;
};

// RFC 792 and RFC 4443 share their first four bytes; echo uses the rest so.
struct IcmpHeader {
  std::uint8_t type, code;
  Be16 checksum, id, sequence;
};
inline constexpr std::uint8_t kIcmpEchoReply = 0, kIcmpUnreachable = 3, kIcmpEchoRequest = 8, kIcmpTimeExceeded = 11,
                              kIcmpParameterProblem = 12;
inline constexpr std::uint8_t kIcmpFragmentationNeeded = 4;  // a code of unreachable (RFC 1191)
inline constexpr std::uint8_t kIcmpv6Unreachable = 1, kIcmpv6TooBig = 2, kIcmpv6TimeExceeded = 3, kIcmpv6ParameterProblem = 4;
inline constexpr std::uint8_t kIcmpv6EchoRequest = 128, kIcmpv6EchoReply = 129;
inline constexpr std::uint8_t kNdRouterSolicit = 133, kNdRouterAdvert = 134, kNdNeighbourSolicit = 135, kNdNeighbourAdvert = 136;

// RFC 4861, solicitation and advertisement alike.
struct NdHeader {
  std::uint8_t type, code;
  Be16 checksum;
  Be32 flags;
  Ipv6Address target;
};

#pragma pack(pop)

static_assert(sizeof(EthHeader) == 14 && sizeof(VlanTag) == 4 && sizeof(ArpHeader) == 28);
static_assert(sizeof(Ipv4Header) == 20 && sizeof(Ipv6Header) == 40 && sizeof(NdHeader) == 24);
static_assert(sizeof(TcpHeader) == 20 && sizeof(UdpHeader) == 8 && sizeof(IcmpHeader) == 8);

}  // namespace tandem
