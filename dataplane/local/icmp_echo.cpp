// SPDX-License-Identifier: Apache-2.0
#include "dataplane/local/icmp_echo.h"

#include "common/net/checksum.h"

namespace tandem {

namespace {

constexpr std::uint8_t kHops = 64;

// Packed fields cannot be swapped by reference.
template <typename Header>
void swap_addresses(Header& ip) noexcept {
  const auto source = ip.source;
  ip.source = ip.target;
  ip.target = source;
}

void become_sender(Ipv4Header& ip) noexcept {
  swap_addresses(ip);
  ip.ttl = kHops;
  ip.checksum = Be16{};
  ip.checksum = finish_checksum(sum_bytes(&ip, ip.header_bytes()));
}

void change_type(IcmpHeader& icmp, std::uint8_t to) noexcept {
  const auto word = [](std::uint8_t type) { return Be16{static_cast<std::uint16_t>(type << 8)}.wire; };
  icmp.checksum = apply_delta(icmp.checksum, checksum_delta(word(icmp.type), word(to)));
  icmp.type = to;
}

}  // namespace

void become_echo_reply(Packet& packet, const MacAddress& own) noexcept {
  turn_around(packet.eth(), own, packet.eth().source);
  if (packet.family == Family::ipv4) {
    become_sender(packet.ipv4());
    return change_type(packet.icmp(), kIcmpEchoReply);
  }
  swap_addresses(packet.ipv6());
  packet.ipv6().hop_limit = kHops;
  change_type(packet.icmp(), kIcmpv6EchoReply);
}

}  // namespace tandem
