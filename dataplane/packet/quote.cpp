// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/quote.h"

#include <algorithm>

#include "dataplane/packet/icmp.h"
#include "dataplane/packet/parse_ipv6.h"

namespace tandem {

namespace {

constexpr std::uint16_t kOffsetBits = 0xfff8;  // of an IPv6 fragment header's second half word (RFC 8200 4.5)

// What lies behind the quoted packet's own end is padding or an extension of the error (RFC 4884), never a part of it.
void end_at(Packet& quoted, std::size_t ip_bytes) noexcept {
  quoted.readable_bytes = static_cast<std::uint32_t>(std::min<std::size_t>(quoted.readable_bytes, ip_bytes));
}

DropReason read_ipv4(Packet& quoted) noexcept {
  if (quoted.readable_bytes < sizeof(Ipv4Header)) return DropReason::bad_icmp_quote;
  const Ipv4Header& ip = quoted.ipv4();
  if (ip.version() != 4 || ip.header_bytes() < sizeof ip) return DropReason::bad_icmp_quote;
  if (ip.fragment_offset_bytes() != 0) return DropReason::icmp_quotes_fragment;
  quoted.protocol = ip.protocol;
  quoted.l4_offset = ip.header_bytes();
  end_at(quoted, ip.total_bytes.host());
  return DropReason::count_;
}

// A first fragment's ports lie behind its fragment header, and perhaps behind destination options.
DropReason pass_fragment_header(Packet& quoted) noexcept {
  if (quoted.readable_bytes < quoted.l4_offset + 8U) return DropReason::bad_icmp_quote;
  const std::uint8_t* header = quoted.l4();
  if (((header[2] << 8 | header[3]) & kOffsetBits) != 0) return DropReason::icmp_quotes_fragment;
  quoted.protocol = header[0];
  quoted.l4_offset = static_cast<std::uint16_t>(quoted.l4_offset + 8);
  return walk_extensions(quoted, quoted.readable_bytes) ? DropReason::count_ : DropReason::bad_icmp_quote;
}

DropReason read_ipv6(Packet& quoted) noexcept {
  if (quoted.readable_bytes < sizeof(Ipv6Header)) return DropReason::bad_icmp_quote;
  const Ipv6Header& ip = quoted.ipv6();
  if (ip.version() != 6) return DropReason::bad_icmp_quote;
  quoted.protocol = ip.next_header;
  quoted.l4_offset = sizeof ip;
  end_at(quoted, sizeof ip + ip.payload_bytes.host());
  if (!walk_extensions(quoted, quoted.readable_bytes)) return DropReason::bad_icmp_quote;
  return quoted.protocol == kFragmentHeader ? pass_fragment_header(quoted) : DropReason::count_;
}

bool has_ports(std::uint8_t protocol) noexcept {
  return protocol == static_cast<std::uint8_t>(Protocol::tcp) || protocol == static_cast<std::uint8_t>(Protocol::udp);
}

DropReason read_ports(Packet& quoted) noexcept {
  if (!has_ports(quoted.protocol)) return DropReason::icmp_error_unknown_flow;
  if (quoted.readable_bytes < quoted.l4_offset + kQuotedL4Bytes) return DropReason::bad_icmp_quote;
  quoted.source_port = quoted.udp().source_port;  // TCP's ports stand at the same place
  quoted.target_port = quoted.udp().target_port;
  return DropReason::count_;
}

}  // namespace

DropReason read_quote(const Packet& error, Packet& quoted) noexcept {
  if (!icmp_is_readable(error)) return DropReason::bad_icmp_quote;
  quoted = {};
  quoted.frame = error.l4() + sizeof(IcmpHeader);
  quoted.frame_bytes = quoted.readable_bytes = static_cast<std::uint32_t>(icmp_bytes(error) - sizeof(IcmpHeader));
  quoted.family = error.family;
  quoted.kind = PacketKind::transport;
  const DropReason wrong = error.family == Family::ipv4 ? read_ipv4(quoted) : read_ipv6(quoted);
  return wrong == DropReason::count_ ? read_ports(quoted) : wrong;
}

}  // namespace tandem
