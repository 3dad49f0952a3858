// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/parse_ipv6.h"

#include "dataplane/packet/parse.h"
#include "dataplane/packet/parse_l4.h"

namespace tandem {

namespace {

// RFC 8200 4, RFC 4302 (AH). ESP and "no next header" end the walk: there is nothing behind them that we could read.
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kAuthentication = 51, kDestinationOptions = 60;

// AH counts 4-byte words less two, the others 8-byte words less one.
constexpr std::size_t extension_bytes(std::uint8_t header, std::uint8_t length) noexcept {
  return header == kAuthentication ? (length + 2U) * 4 : (length + 1U) * 8;
}

enum class Step : std::uint8_t { taken, arrived, wrong };

// One header further. `end` is where both the payload and what may be read end.
Step step(Packet& packet, std::size_t end, unsigned walked) noexcept {
  if (!is_walked(packet.protocol)) return Step::arrived;
  if (packet.protocol == kHopByHop && walked != 0) return Step::wrong;  // only ever the first
  if (end < packet.l4_offset + 8U) return Step::wrong;
  const std::uint8_t* header = packet.l4();
  // Segments left: the address is a waypoint's, and we are not one (RFC 5095 took type 0 away for good).
  if (packet.protocol == kRouting && header[3] != 0) return Step::wrong;
  const std::size_t length = extension_bytes(packet.protocol, header[1]);
  if (end < packet.l4_offset + length) return Step::wrong;
  packet.protocol = header[0];
  packet.l4_offset = static_cast<std::uint16_t>(packet.l4_offset + length);
  return Step::taken;
}

constexpr std::uint16_t kOffsetAndMore = 0xfff9;

// What says that it is a fragment and is the only one is whole (RFC 6946): its header is stepped over like any other.
bool is_atomic(const Packet& packet) noexcept { return ((packet.l4()[2] << 8 | packet.l4()[3]) & kOffsetAndMore) == 0; }

bool pass_fragment_header(Packet& packet, std::size_t end) noexcept {
  packet.protocol = packet.l4()[0];
  packet.l4_offset = static_cast<std::uint16_t>(packet.l4_offset + kFragmentHeaderBytes);
  return walk_extensions(packet, end);
}

}  // namespace

bool is_walked(std::uint8_t header) noexcept {
  return header == kHopByHop || header == kRouting || header == kAuthentication || header == kDestinationOptions;
}

bool walk_extensions(Packet& packet, std::size_t end) noexcept {
  for (unsigned walked = 0; walked <= kMaxExtensionHeaders; ++walked) {
    const Step taken = step(packet, end, walked);
    if (taken != Step::taken) return taken == Step::arrived;
  }
  return false;
}

void parse_ipv6(Packet& packet) noexcept {
  packet.family = Family::ipv6;
  if (packet.readable_bytes - packet.l3_offset < sizeof(Ipv6Header)) return mark_malformed(packet, DropReason::truncated);
  const Ipv6Header& ip = packet.ipv6();
  if (ip.version() != 6) return mark_malformed(packet, DropReason::bad_ip_header);
  const std::size_t total_bytes = sizeof ip + ip.payload_bytes.host();
  if (total_bytes > packet.frame_bytes - packet.l3_offset) return mark_malformed(packet, DropReason::truncated);
  if (total_bytes > 0xffff) return mark_malformed(packet, DropReason::super_frame);  // above any port's MTU
  packet.ip_bytes = static_cast<std::uint16_t>(total_bytes);
  packet.protocol = ip.next_header;
  packet.l4_offset = static_cast<std::uint16_t>(packet.l3_offset + sizeof ip);
  const std::size_t end = std::min<std::size_t>(packet.l3_offset + total_bytes, packet.readable_bytes);
  if (is_walked(packet.protocol) && !walk_extensions(packet, end))
    return mark_malformed(packet, DropReason::bad_extension_header, PacketKind::malformed_l4);
  if (packet.protocol == kFragmentHeader) [[unlikely]] {
    const bool whole = end >= packet.l4_offset + kFragmentHeaderBytes;
    if (whole && !is_atomic(packet)) {
      packet.kind = PacketKind::fragment;
      return;
    }
    if (!whole || !pass_fragment_header(packet, end))
      return mark_malformed(packet, DropReason::bad_extension_header, PacketKind::malformed_l4);
  }
  parse_l4(packet, packet.l3_offset + total_bytes - packet.l4_offset);
}

}  // namespace tandem
