// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/fragment.h"

#include <algorithm>

#include "dataplane/packet/parse_ipv6.h"

namespace tandem {

namespace {

constexpr std::uint32_t kLongestDatagram = 0xffff;

bool is_tcp(std::uint8_t protocol) noexcept { return protocol == static_cast<std::uint8_t>(Protocol::tcp); }
bool has_ports(std::uint8_t protocol) noexcept { return is_tcp(protocol) || protocol == static_cast<std::uint8_t>(Protocol::udp); }

// What stands before the fragmented part, of the packet that all fragments make: IPv4 counts its header in the 65,535 bytes.
std::uint32_t read_ipv4(const Packet& packet, Fragment& fragment) noexcept {
  const Ipv4Header& ip = packet.ipv4();
  fragment.id = ip.id.host();
  fragment.from = ip.fragment_offset_bytes();
  fragment.to = fragment.from + packet.ip_bytes - ip.header_bytes();
  fragment.more = ip.more_fragments();
  fragment.protocol = ip.protocol;
  fragment.l4_offset = packet.l4_offset;
  return ip.header_bytes();
}

// Headers of 8 bytes: next, reserved, offset and more, identification.
std::uint32_t read_ipv6(const Packet& packet, Fragment& fragment) noexcept {
  const std::uint8_t* header = packet.l4();
  const auto word = static_cast<std::uint32_t>(header[2] << 8 | header[3]);
  Be32 id;
  std::memcpy(&id, header + 4, sizeof id);
  fragment.id = id.host();
  fragment.l4_offset = static_cast<std::uint16_t>(packet.l4_offset + kFragmentHeaderBytes);
  fragment.from = word & 0xfff8;
  fragment.to = fragment.from + packet.l3_offset + packet.ip_bytes - fragment.l4_offset;
  fragment.more = (word & 1) != 0;
  fragment.protocol = header[0];
  return static_cast<std::uint32_t>(packet.l4_offset - packet.l3_offset - sizeof(Ipv6Header));
}

bool is_bad(const Fragment& fragment, std::uint32_t bytes_before) noexcept {
  const std::uint32_t length = fragment.to - fragment.from;
  return length == 0 || (fragment.more && length % 8 != 0) || bytes_before + fragment.to > kLongestDatagram;
}

// Between the fragment header and the transport's there may be options for the destination; all of them are to be here.
bool reach_transport(const Packet& packet, Fragment& fragment, std::size_t end) noexcept {
  Packet walked = packet;
  walked.protocol = fragment.protocol, walked.l4_offset = fragment.l4_offset;
  if (!walk_extensions(walked, end)) return false;
  fragment.protocol = walked.protocol, fragment.l4_offset = walked.l4_offset;
  return true;
}

// UDP's length is the datagram's, of which this is a part.
bool holds_header(const Packet& packet, const Fragment& fragment, std::size_t end) noexcept {
  if (fragment.l4_offset + (is_tcp(fragment.protocol) ? sizeof(TcpHeader) : sizeof(UdpHeader)) > end) return false;
  const std::uint8_t* l4 = packet.frame + fragment.l4_offset;
  if (!is_tcp(fragment.protocol)) return reinterpret_cast<const UdpHeader*>(l4)->length_bytes.host() >= sizeof(UdpHeader);
  const std::size_t header = reinterpret_cast<const TcpHeader*>(l4)->header_bytes();
  return header >= sizeof(TcpHeader) && fragment.l4_offset + header <= end;
}

DropReason read_first(const Packet& packet, Fragment& fragment) noexcept {
  const std::size_t end = std::min<std::size_t>(packet.l3_offset + packet.ip_bytes, packet.readable_bytes);
  if (packet.family == Family::ipv6 && !reach_transport(packet, fragment, end)) return DropReason::tiny_fragment;
  if (!has_ports(fragment.protocol)) return DropReason::unsupported_protocol;
  if (!holds_header(packet, fragment, end)) return DropReason::tiny_fragment;
  const auto& ports = *reinterpret_cast<const UdpHeader*>(packet.frame + fragment.l4_offset);  // TCP's stand at the same place
  fragment.flow = {ports.source_port, ports.target_port, fragment.protocol};
  return DropReason::count_;
}

// A header that the first fragment is to hold ends behind where this one begins. What IPv6's later fragments say of their protocol
// is not heeded (RFC 8200 4.5), so there only an overlap shows it.
DropReason judge_later(const Packet& packet, const Fragment& fragment) noexcept {
  if (packet.family == Family::ipv6)
    return has_ports(fragment.protocol) || is_walked(fragment.protocol) ? DropReason::count_ : DropReason::unsupported_protocol;
  if (!has_ports(fragment.protocol)) return DropReason::unsupported_protocol;
  return is_tcp(fragment.protocol) && fragment.from < sizeof(TcpHeader) ? DropReason::tiny_fragment : DropReason::count_;
}

}  // namespace

DropReason read_fragment(const Packet& packet, Fragment& fragment) noexcept {
  const std::uint32_t before = packet.family == Family::ipv4 ? read_ipv4(packet, fragment) : read_ipv6(packet, fragment);
  if (is_bad(fragment, before)) return DropReason::bad_fragment;
  return fragment.is_first() ? read_first(packet, fragment) : judge_later(packet, fragment);
}

void become_first_fragment(Packet& packet, const Fragment& fragment) noexcept {
  packet.kind = PacketKind::first_fragment;
  packet.protocol = fragment.protocol;
  packet.l4_offset = fragment.l4_offset;
  packet.source_port = fragment.flow.source, packet.target_port = fragment.flow.target;
  packet.l4_flags = packet.is_tcp() ? packet.tcp().flags : std::uint8_t{0};
}

void become_later_fragment(Packet& packet, const FlowPorts& flow) noexcept {
  packet.kind = PacketKind::later_fragment;
  packet.protocol = flow.protocol;
  packet.source_port = flow.source, packet.target_port = flow.target;
  packet.l4_flags = 0;
}

}  // namespace tandem
