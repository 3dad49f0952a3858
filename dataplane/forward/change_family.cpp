// SPDX-License-Identifier: Apache-2.0
#include "dataplane/forward/change_family.h"

#include "common/net/checksum.h"
#include "dataplane/packet/move_front.h"

namespace tandem {

namespace {

constexpr Be16 kDontFragment{0x4000};

// What the two headers have in common, before the old one goes.
struct Kept {
  std::uint8_t traffic_class, hops, protocol;
  std::uint16_t payload_bytes;
};

Kept kept_of(const Packet& packet) noexcept {
  const bool v4 = packet.family == Family::ipv4;
  const auto traffic_class = v4 ? packet.ipv4().tos : static_cast<std::uint8_t>(packet.ipv6().version_class_flow.host() >> 20);
  return {traffic_class, static_cast<std::uint8_t>(packet.hop_limit() - 1), packet.protocol,
          static_cast<std::uint16_t>(packet.ip_bytes - (packet.l4_offset - packet.l3_offset))};
}

// The link header comes to stand before a header of so many bytes, and names its family.
bool reshape(Packet& packet, Family family, std::size_t header_bytes) noexcept {
  if (!move_front(packet, growth_as(packet, family))) return false;
  packet.l4_offset = static_cast<std::uint16_t>(packet.l3_offset + header_bytes);
  packet.family = family;
  *reinterpret_cast<Be16*>(packet.l3() - sizeof(Be16)) = family == Family::ipv4 ? kEtherIpv4 : kEtherIpv6;
  return true;
}

// By what was just written, word by word: read back in larger pieces, the stores would have to arrive first.
Sum header_sum(const Ipv4Header& ip) noexcept {
  const Sum words = Sum{Be16{static_cast<std::uint16_t>(ip.version_words << 8 | ip.tos)}.wire} + ip.total_bytes.wire + ip.fragment.wire +
                    Be16{static_cast<std::uint16_t>(ip.ttl << 8 | ip.protocol)}.wire;
  return words + ip.source.value.wire + ip.target.value.wire;
}

}  // namespace

// Never in fragments on its way, so its identification may be anything (RFC 6864 4.1).
void become_ipv4(Packet& packet, Ipv4Address source, Ipv4Address target) noexcept {
  const Kept kept = kept_of(packet);
  reshape(packet, Family::ipv4, sizeof(Ipv4Header));  // shorter: an IPv6 header has 40 bytes at least
  Ipv4Header& ip = packet.ipv4();
  ip = {.version_words = 0x45,
        .tos = kept.traffic_class,
        .total_bytes = Be16{packet.ip_bytes},
        .id = {},
        .fragment = kDontFragment,
        .ttl = kept.hops,
        .protocol = kept.protocol,
        .checksum = {},
        .source = source,
        .target = target};
  ip.checksum = finish_checksum(header_sum(ip));
}

bool become_ipv6(Packet& packet, const Ipv6Address& source, const Ipv6Address& target) noexcept {
  const Kept kept = kept_of(packet);
  if (!reshape(packet, Family::ipv6, sizeof(Ipv6Header))) return false;
  packet.ipv6() = {.version_class_flow = Be32{0x60000000U | std::uint32_t{kept.traffic_class} << 20},
                   .payload_bytes = Be16{kept.payload_bytes},
                   .next_header = kept.protocol,
                   .hop_limit = kept.hops,
                   .source = source,
                   .target = target};
  return true;
}

}  // namespace tandem
