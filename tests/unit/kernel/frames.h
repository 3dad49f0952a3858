// SPDX-License-Identifier: Apache-2.0
// Ethernet frames built from their parts, for tests of what looks at headers alone: checksums are left at zero.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "common/net/headers.h"

namespace tandem {

using Frame = std::vector<std::uint8_t>;

inline MacAddress mac(std::string_view text) { return parse_mac(text).value(); }
inline IpAddress ip(std::string_view text) { return parse_address(text).value(); }

template <typename Header>
Frame& operator<<(Frame& frame, const Header& header) {
  const std::size_t at = frame.size();
  frame.resize(at + sizeof header);
  std::memcpy(frame.data() + at, &header, sizeof header);
  return frame;
}

struct FrameOf {
  MacAddress target = mac("02:00:00:00:00:01");  // the node's, in these tests
  MacAddress source = mac("02:00:00:00:00:aa");
  std::vector<std::uint16_t> vlans;

  Frame ethernet(Be16 type) const {
    Frame frame;
    frame << target << source;
    for (const std::uint16_t vlan : vlans) frame << kEtherVlan << Be16{vlan};
    frame << type;
    return frame;
  }

  Frame ipv4(std::string_view from, std::string_view to, std::uint8_t protocol, std::uint16_t option_words = 0,
             std::uint16_t fragment = 0) const {
    Frame frame = ethernet(kEtherIpv4);
    Ipv4Header header{};
    header.version_words = static_cast<std::uint8_t>(0x45 + option_words);
    header.total_bytes = Be16{static_cast<std::uint16_t>(20 + 4 * option_words + 20)};
    header.fragment = Be16{fragment};
    header.ttl = 64;
    header.protocol = protocol;
    header.source = ip(from).v4();
    header.target = ip(to).v4();
    frame << header;
    frame.resize(frame.size() + 4U * option_words, 1);  // no-operation options
    return frame;
  }

  Frame ipv6(std::string_view from, std::string_view to, std::uint8_t next_header) const {
    Frame frame = ethernet(kEtherIpv6);
    Ipv6Header header{};
    header.version_class_flow = Be32{0x60000000};
    header.payload_bytes = Be16{20};
    header.next_header = next_header;
    header.hop_limit = 64;
    header.source = ip(from).v6();
    header.target = ip(to).v6();
    return frame << header;
  }

  Frame arp(std::string_view sender, std::string_view wanted, std::uint16_t operation = 1) const {
    Frame frame = ethernet(kEtherArp);
    ArpHeader header{};
    header.hardware = Be16{1};
    header.protocol = kEtherIpv4;
    header.hardware_bytes = 6;
    header.protocol_bytes = 4;
    header.operation = Be16{operation};
    header.sender_mac = source;
    header.sender = ip(sender).v4();
    header.target = ip(wanted).v4();
    return frame << header;
  }

  Frame solicitation(std::string_view from, std::string_view wanted) const {
    Frame frame = ipv6(from, "ff02::1:ff00:10", 58);
    NdHeader header{};
    header.type = kNdNeighbourSolicit;
    header.target = ip(wanted).v6();
    return frame << header;
  }
};

inline Frame tcp(Frame frame, std::uint16_t from, std::uint16_t to) {
  TcpHeader header{};
  header.source_port = Be16{from};
  header.target_port = Be16{to};
  header.offset_words = 0x50;
  return frame << header;
}

inline Frame udp(Frame frame, std::uint16_t from, std::uint16_t to) { return frame << UdpHeader{Be16{from}, Be16{to}, Be16{8}, Be16{}}; }

// An ICMP error of the outer frame's family about what `quoted` carries behind its untagged Ethernet header.
inline Frame error(Frame outer, std::uint8_t type, const Frame& quoted) {
  outer << IcmpHeader{type, 0, {}, {}, {}};
  outer.insert(outer.end(), quoted.begin() + sizeof(EthHeader), quoted.end());
  return outer;
}

}  // namespace tandem
