// SPDX-License-Identifier: Apache-2.0
// A frame read byte by byte as the RFCs have it (894, 791, 8200, 9293, 768): slow, obvious, and sharing nothing with dataplane/packet.
#pragma once

#include <optional>

#include "tests/support/packet_builder.h"
#include "tests/support/slow_quote.h"

namespace tandem::fuzz {

using test::Bytes;
using test::slow::View;
using test::slow::word;

struct SlowPacket {
  bool ipv6 = false;
  std::size_t l4 = 0, end = 0;  // offsets from the IP header: what is behind it, and where the packet ends
  unsigned protocol = 0, hops = 0;
  IpAddress source, target;
  unsigned source_port = 0, target_port = 0, tcp_flags = 0;  // of TCP and UDP

  bool is_transport() const { return protocol == 6 || protocol == 17; }
  bool is_icmp() const { return protocol == (ipv6 ? 58U : 1U); }
};

// The ones' complement sum of 16-bit words, an odd last byte filled up with 0 (RFC 1071).
inline unsigned slow_sum(View bytes, unsigned begin = 0) {
  unsigned sum = begin;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += bytes[i] * 256U + (i + 1 < bytes.size() ? bytes[i + 1] : 0);
    sum = sum % 65536 + sum / 65536;
  }
  return sum;
}

inline IpAddress slow_address(View at, bool ipv6) {
  if (!ipv6) return Ipv4Address{Be32{word(at, 0) * 65536U + word(at, 2)}};
  Ipv6Address address;
  std::copy_n(at.begin(), 16, address.bytes.begin());
  return address;
}

// What lies behind the IP header; nothing when its own header is not whole or lies.
inline bool read_slow_transport(View packet, SlowPacket& found) {
  const std::size_t length = found.end - found.l4;
  const View l4 = packet.subspan(found.l4);
  if (found.is_icmp()) return length >= 8;
  if (found.protocol == 6 && (length < 20 || l4[12] / 16 < 5 || l4[12] / 16 * 4U > length)) return false;
  if (found.protocol == 17 && (length < 8 || word(l4, 4) < 8 || word(l4, 4) > length)) return false;
  if (!found.is_transport()) return false;
  found.source_port = word(l4, 0), found.target_port = word(l4, 2);
  found.tcp_flags = found.protocol == 6 ? l4[13] : 0;
  return true;
}

inline bool slow_options_are_sound(View options) {
  for (std::size_t at = 0; at < options.size() && options[at] != 0;) {
    if (options[at] == 1) ++at;
    else if (at + 1 == options.size() || options[at + 1] < 2 || at + options[at + 1] > options.size()) return false;
    else at += options[at + 1];
  }
  return true;
}

inline std::optional<SlowPacket> read_slow_ipv4(View packet) {
  if (packet.size() < 20 || packet[0] / 16 != 4) return {};
  SlowPacket found{.l4 = packet[0] % 16 * 4U, .end = word(packet, 2), .protocol = packet[9], .hops = packet[8]};
  if (found.l4 < 20 || found.end < found.l4 || found.end > packet.size()) return {};
  if (slow_sum(packet.first(found.l4)) != 65535 || !slow_options_are_sound(packet.first(found.l4).subspan(20))) return {};
  found.source = slow_address(packet.subspan(12), false), found.target = slow_address(packet.subspan(16), false);
  return read_slow_transport(packet, found) ? std::optional{found} : std::nullopt;
}

// Extension headers once each, hop-by-hop options first, at most six, no routing header that wants to go on.
inline std::optional<SlowPacket> read_slow_ipv6(View packet) {
  if (packet.size() < 40 || packet[0] / 16 != 6) return {};
  SlowPacket found{.ipv6 = true, .l4 = 40, .end = 40U + word(packet, 4), .protocol = packet[6], .hops = packet[7]};
  if (found.end > packet.size()) return {};
  for (unsigned walked = 0; found.protocol == 0 || found.protocol == 43 || found.protocol == 51 || found.protocol == 60; ++walked) {
    if (walked == 6 || (found.protocol == 0 && walked != 0) || found.end < found.l4 + 8) return {};
    if (found.protocol == 43 && packet[found.l4 + 3] != 0) return {};
    const std::size_t length = found.protocol == 51 ? (packet[found.l4 + 1] + 2U) * 4 : (packet[found.l4 + 1] + 1U) * 8;
    if (found.end < found.l4 + length) return {};
    found.protocol = packet[found.l4], found.l4 += length;
  }
  found.source = slow_address(packet.subspan(8), true), found.target = slow_address(packet.subspan(24), true);
  return read_slow_transport(packet, found) ? std::optional{found} : std::nullopt;
}

// Of fragments nothing is told here (fuzz_fragments.cpp). Nothing: no whole packet of TCP, UDP or ICMP.
inline bool is_slow_fragment(View packet) {
  if (packet.size() >= 20 && packet[0] / 16 == 4) return word(packet, 6) % 16384 != 0;
  if (packet.size() < 40 || packet[0] / 16 != 6) return false;
  std::size_t at = 40;
  for (unsigned next = packet[6], walked = 0; walked < 8 && at + 8 <= packet.size(); ++walked) {
    if (next == 44) return true;
    if (next != 0 && next != 43 && next != 51 && next != 60) return false;
    const std::size_t length = next == 51 ? (packet[at + 1] + 2U) * 4 : (packet[at + 1] + 1U) * 8;
    next = packet[at], at += length;
  }
  return false;
}

inline std::optional<SlowPacket> read_slow(View packet) {
  return !packet.empty() && packet[0] / 16 == 6 ? read_slow_ipv6(packet) : read_slow_ipv4(packet);
}

}  // namespace tandem::fuzz
