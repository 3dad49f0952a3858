// SPDX-License-Identifier: Apache-2.0
#include "controlplane/ha/frame.h"

#include <array>
#include <cstring>

#include "common/net/checksum.h"
#include "common/net/headers.h"

namespace tandem::ha {
namespace {

constexpr MacAddress kBroadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};
constexpr Ipv6Address kAllNodes{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
constexpr std::uint8_t kSourceLinkLayerOption = 1, kTargetLinkLayerOption = 2, kIcmpv6 = 58, kUdp = 17;
constexpr std::uint8_t kVrrp = 112, kHops = 255, kNetworkControl = 0xc0;  // DSCP CS6
constexpr std::uint32_t kOverride = 0x20000000;
constexpr std::size_t kShortestFrameBytes = 60;

void put_bytes(FrameBytes& out, const void* bytes, std::size_t count) {
  const std::size_t at = out.size();
  out.resize(at + count);
  std::memcpy(out.data() + at, bytes, count);
}

template <typename T>
void put(FrameBytes& out, const T& header) {
  put_bytes(out, &header, sizeof header);
}

FrameBytes ethernet(const MacAddress& target, const MacAddress& source, std::uint16_t vlan, Be16 type) {
  FrameBytes out;
  out.reserve(128);
  put(out, EthHeader{target, source, vlan == 0 ? type : kEtherVlan});
  if (vlan != 0) put(out, VlanTag{Be16{vlan}, type});
  return out;
}

FrameBytes padded(FrameBytes frame) {
  if (frame.size() < kShortestFrameBytes) frame.resize(kShortestFrameBytes);
  return frame;
}

FrameBytes ip_packet(const Addressing& way, std::uint8_t protocol, std::span<const std::uint8_t> payload) {
  const auto length = static_cast<std::uint16_t>(payload.size());
  if (way.source.family == Family::ipv6) {
    FrameBytes out = ethernet(way.target_mac, way.source_mac, way.vlan, kEtherIpv6);
    put(out, Ipv6Header{Be32{0x60000000 | std::uint32_t{kNetworkControl} << 20}, Be16{length}, protocol, kHops, way.source.v6(),
                        way.target.v6()});
    put_bytes(out, payload.data(), payload.size());
    return padded(std::move(out));
  }
  FrameBytes out = ethernet(way.target_mac, way.source_mac, way.vlan, kEtherIpv4);
  Ipv4Header header{0x45,           kNetworkControl, Be16{static_cast<std::uint16_t>(sizeof(Ipv4Header) + length)},
                    Be16{},         Be16{0x4000},    kHops,
                    protocol,       Be16{},          way.source.v4(),
                    way.target.v4()};
  header.checksum = finish_checksum(sum_bytes(&header, sizeof header));
  put(out, header);
  put_bytes(out, payload.data(), payload.size());
  return padded(std::move(out));
}

// A neighbour discovery message with one link-layer option (RFC 4861 4.3, 4.4).
FrameBytes neighbour_message(const Addressing& way, std::uint8_t type, std::uint32_t flags, const Ipv6Address& target,
                             std::uint8_t option) {
  FrameBytes message;
  put(message, NdHeader{type, 0, Be16{}, Be32{flags}, target});
  put(message, std::array<std::uint8_t, 2>{option, 1});  // type, length in units of eight bytes
  put(message, way.source_mac);
  const Sum sum = pseudo_header_sum(way.source, way.target, kIcmpv6, static_cast<std::uint32_t>(message.size())) +
                  sum_bytes(message.data(), message.size());
  const Be16 checksum = finish_checksum(sum);
  std::memcpy(message.data() + offsetof(NdHeader, checksum), &checksum, sizeof checksum);
  return ip_packet(way, kIcmpv6, message);
}

Ipv6Address solicited_node(const Ipv6Address& address) {  // RFC 4291 2.7.1
  Ipv6Address out{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0}};
  std::memcpy(out.bytes.data() + 13, address.bytes.data() + 13, 3);
  return out;
}

template <typename T>
bool take(std::span<const std::uint8_t>& from, T& header) {
  if (from.size() < sizeof header) return false;
  std::memcpy(&header, from.data(), sizeof header);
  from = from.subspan(sizeof header);
  return true;
}

bool take_ipv4(std::span<const std::uint8_t>& rest, ReceivedPacket& out) {
  Ipv4Header header;
  if (!take(rest, header) || header.version() != 4 || header.header_bytes() < sizeof header) return false;
  const std::size_t options = header.header_bytes() - sizeof header, total = header.total_bytes.host();
  if (header.more_fragments() || header.fragment_offset_bytes() != 0) return false;
  if (total < header.header_bytes() || rest.size() < options || rest.size() + sizeof header < total) return false;
  rest = rest.first(total - sizeof header).subspan(options);
  out.source = header.source, out.target = header.target, out.protocol = header.protocol, out.hops = header.ttl;
  return true;
}

bool take_ipv6(std::span<const std::uint8_t>& rest, ReceivedPacket& out) {
  Ipv6Header header;
  if (!take(rest, header) || header.version() != 6 || rest.size() < header.payload_bytes.host()) return false;
  rest = rest.first(header.payload_bytes.host());
  out.source = header.source, out.target = header.target, out.protocol = header.next_header, out.hops = header.hop_limit;
  return true;
}

}  // namespace

FrameBytes gratuitous_arp(const MacAddress& mac, Ipv4Address address, std::uint16_t vlan) {
  FrameBytes out = ethernet(kBroadcast, mac, vlan, kEtherArp);
  put(out, ArpHeader{Be16{1}, kEtherIpv4, 6, 4, Be16{1}, mac, address, MacAddress{}, address});
  return padded(std::move(out));
}

FrameBytes unsolicited_advert(const MacAddress& mac, const Ipv6Address& address, std::uint16_t vlan) {
  return neighbour_message({mac, kAllNodesMac, vlan, address, kAllNodes}, kNdNeighbourAdvert, kOverride, address, kTargetLinkLayerOption);
}

FrameBytes announcement(const MacAddress& mac, const IpAddress& address, std::uint16_t vlan) {
  return address.family == Family::ipv4 ? gratuitous_arp(mac, address.v4(), vlan) : unsolicited_advert(mac, address.v6(), vlan);
}

FrameBytes probe(const MacAddress& mac, const IpAddress& own, const IpAddress& target, std::uint16_t vlan) {
  if (target.family == Family::ipv4) {
    FrameBytes out = ethernet(kBroadcast, mac, vlan, kEtherArp);
    put(out, ArpHeader{Be16{1}, kEtherIpv4, 6, 4, Be16{1}, mac, own.v4(), MacAddress{}, target.v4()});
    return padded(std::move(out));
  }
  const IpAddress group = solicited_node(target.v6());
  return neighbour_message({mac, multicast_mac(group), vlan, own, group}, kNdNeighbourSolicit, 0, target.v6(), kSourceLinkLayerOption);
}

FrameBytes vrrp_frame(const Addressing& way, std::span<const std::uint8_t> advert) { return ip_packet(way, kVrrp, advert); }

FrameBytes udp_frame(const Addressing& way, std::uint16_t port, std::span<const std::uint8_t> payload) {
  FrameBytes datagram;
  const auto length = static_cast<std::uint16_t>(sizeof(UdpHeader) + payload.size());
  put(datagram, UdpHeader{Be16{port}, Be16{port}, Be16{length}, Be16{}});
  put_bytes(datagram, payload.data(), payload.size());
  const Be16 checksum =
      finish_checksum(pseudo_header_sum(way.source, way.target, kUdp, length) + sum_bytes(datagram.data(), datagram.size()));
  const Be16 written = checksum == Be16{} ? Be16{0xffff} : checksum;  // zero would say "none" (RFC 768)
  std::memcpy(datagram.data() + offsetof(UdpHeader, checksum), &written, sizeof written);
  return ip_packet(way, kUdp, datagram);
}

MacAddress multicast_mac(const IpAddress& group) {
  const auto& bytes = group.bytes;
  if (group.family == Family::ipv4) return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(bytes[13] & 0x7f), bytes[14], bytes[15]}};
  return {{0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]}};
}

bool read_frame(std::span<const std::uint8_t> frame, ReceivedPacket& out) {
  EthHeader ethernet_header;
  if (!take(frame, ethernet_header)) return false;
  out = {};
  out.source_mac = ethernet_header.source, out.target_mac = ethernet_header.target;
  Be16 type = ethernet_header.type;
  if (type == kEtherVlan) {
    VlanTag tag;
    if (!take(frame, tag)) return false;
    out.vlan = tag.id(), type = tag.type;
  }
  if (type == kEtherIpv4 ? !take_ipv4(frame, out) : type != kEtherIpv6 || !take_ipv6(frame, out)) return false;
  out.payload = frame;
  if (out.protocol != kUdp) return true;
  UdpHeader udp;
  if (!take(out.payload, udp) || udp.length_bytes.host() < sizeof udp || udp.length_bytes.host() - sizeof udp > out.payload.size())
    return false;
  out.payload = out.payload.first(udp.length_bytes.host() - sizeof udp);
  out.target_port = udp.target_port.host();
  return true;
}

}  // namespace tandem::ha
