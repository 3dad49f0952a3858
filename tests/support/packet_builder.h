// SPDX-License-Identifier: Apache-2.0
// Frames for tests, written as one reads them, with right lengths and checksums:
//   frame().eth("02:…:01", "02:…:02").vlan(7).ipv4("10.0.0.1", "10.0.0.100").tcp(40000, 80, kTcpSyn).payload(100).bytes()
// Layers go from outside to inside; bytes() fills lengths and checksums, and edit() runs after that, to lie on purpose.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "common/net/headers.h"

namespace tandem::test {

using Bytes = std::vector<std::uint8_t>;

MacAddress mac(std::string_view text);  // aborts on what it cannot read: a test's own mistake
IpAddress address(std::string_view text);
Endpoint endpoint(std::string_view text);

class Frame {
 public:
  Frame& eth(std::string_view target, std::string_view source);
  Frame& eth(const MacAddress& target, const MacAddress& source);
  Frame& vlan(std::uint16_t id, std::uint8_t priority = 0, Be16 tag_type = kEtherVlan);
  Frame& type(std::uint16_t ether_type);  // of a payload that no layer here describes

  Frame& ipv4(std::string_view source, std::string_view target);
  Frame& ipv6(std::string_view source, std::string_view target);
  Frame& ip(std::string_view source, std::string_view target);  // by what the addresses are
  Frame& ttl(std::uint8_t hops);
  Frame& options(const Bytes& ipv4_options);                               // padded to 4 bytes with 0
  Frame& extension(std::uint8_t header, const Bytes& rest = Bytes(6, 0));  // IPv6: behind its two first bytes; padded to 8
  Frame& fragment(std::uint16_t offset_bytes, bool more, std::uint32_t id = 1);
  Frame& protocol(std::uint8_t number);  // of a payload that no layer here describes

  Frame& tcp(std::uint16_t source_port, std::uint16_t target_port, std::uint8_t flags);
  Frame& numbers(std::uint32_t sequence, std::uint32_t acknowledgment);  // of TCP
  Frame& udp(std::uint16_t source_port, std::uint16_t target_port);
  Frame& udp_without_checksum(std::uint16_t source_port, std::uint16_t target_port);
  Frame& icmp(std::uint8_t type, std::uint8_t code = 0, std::uint16_t id = 1, std::uint16_t sequence = 1);  // by family
  Frame& arp(std::uint16_t operation, std::string_view sender_mac, std::string_view sender, std::string_view target_mac,
             std::string_view target);
  Frame& neighbour(std::uint8_t type, std::string_view target, std::uint32_t flags = 0, const Bytes& options = {});

  Frame& payload(std::size_t bytes);  // 0, 1, 2 …
  Frame& payload(std::string_view text);
  Frame& payload(const Bytes& bytes);
  Frame& pad_to(std::size_t frame_bytes);  // Ethernet padding, behind what IP counts

  Frame& edit(std::function<void(Bytes&)> change);  // any byte, afterwards
  Frame& edit_ipv4(std::function<void(Ipv4Header&)> change, bool fix_checksum = true);
  Frame& edit_ipv6(std::function<void(Ipv6Header&)> change);
  Frame& edit_tcp(std::function<void(TcpHeader&)> change);
  Frame& edit_udp(std::function<void(UdpHeader&)> change);

  Bytes bytes() const;

 private:
  enum class L4 : std::uint8_t { none, tcp, udp, udp_unsummed, icmp, neighbour };

  Bytes l4_bytes() const;
  Bytes ip_packet() const;
  std::size_t link_bytes() const { return 14 + tags_.size(); }
  std::size_t l4_offset() const;

  MacAddress target_{}, source_{};
  Bytes tags_;  // each: type and control, as they stand before the real type
  Be16 type_{};
  bool has_ip_ = false;
  IpAddress from_, to_;
  std::uint8_t ttl_ = 64, protocol_ = 253, first_header_ = 0;
  bool fragmented_ = false;
  std::uint16_t fragment_word_ = 0;
  std::uint32_t fragment_id_ = 0;
  Bytes options_, extensions_;
  std::size_t last_extension_ = 0;  // where the last extension's next-header byte stands
  L4 l4_ = L4::none;
  Bytes l4_header_, payload_, arp_;
  std::size_t pad_to_ = 0;
  std::vector<std::function<void(Bytes&)>> edits_;
};

inline Frame frame() { return {}; }

}  // namespace tandem::test
