// SPDX-License-Identifier: Apache-2.0
// What stands in front of a packet on its way to one backend through a tunnel: an IP header (RFC 2003, RFC 2473, RFC 4213), and for GUE
// a UDP header besides, with the packet right behind it (draft-ietf-intarea-gue, variant 1) or a header of four bytes between (variant 0).
// Made once by a control thread. A packet adds what differs: lengths, the traffic class, and what its flow chooses of the source's
// address and port, by which the backend's queues tell flows apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/base/cache_line.h"
#include "common/net/address.h"
#include "common/net/byte_order.h"

namespace tandem {

enum class TunnelKind : std::uint8_t { ipip, gue_direct, gue_header };

inline constexpr std::uint16_t kGuePort = 6080;
inline constexpr std::size_t kTunnelBytesMost = 40 + 8 + 4;

struct TunnelPlan {
  TunnelKind kind = TunnelKind::ipip;
  Family inner = Family::ipv4;  // the VIP's
  Prefix source;                // of the target's family; a flow chooses at most the last 16 bits
  IpAddress target;
  std::uint16_t port = kGuePort;       // the backend's for GUE, host order
  std::optional<std::uint8_t> dscp{};  // of the outer header; none: the packet's own
};

struct alignas(kCacheLineBytes) TunnelView {
  std::array<std::uint8_t, kTunnelBytesMost> headers{};
  std::uint8_t bytes = 0;     // of `headers`; 0: this backend is reached without a tunnel
  std::uint8_t ip_bytes = 0;  // of its IP header: 20 or 40
  Be16 flow_bits;             // of the last two bytes of the source: those that a flow chooses, 0 in `headers`
  std::uint16_t sum = 0;      // IPv4: of the header's words without length, traffic class and checksum, folded
  bool changes_family = false;
  std::uint8_t own_class = 0;      // what the outer traffic class has of ours,
  std::uint8_t kept_class = 0xff;  // and of the packet's: its congestion mark in any case

  Family family() const noexcept { return ip_bytes == 20 ? Family::ipv4 : Family::ipv6; }
  bool has_udp() const noexcept { return bytes != ip_bytes; }
  friend bool operator==(const TunnelView&, const TunnelView&) = default;
};
static_assert(sizeof(TunnelView) == kCacheLineBytes);

TunnelView make_tunnel(const TunnelPlan& plan) noexcept;

}  // namespace tandem
