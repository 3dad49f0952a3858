// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/tunnel.h"

#include <algorithm>
#include <bit>

#include "common/net/checksum.h"
#include "common/net/headers.h"

namespace tandem {

namespace {

constexpr std::uint8_t kIpInIp = 4, kIpv6InIp = 41, kUdp = static_cast<std::uint8_t>(Protocol::udp);
constexpr std::uint8_t kOwnHops = 64;
constexpr std::uint8_t kCongestionBits = 3;
constexpr unsigned kFlowBitsMost = 16;
constexpr Be16 kDontFragment{0x4000};

std::uint8_t inner_protocol(Family inner) noexcept { return inner == Family::ipv4 ? kIpInIp : kIpv6InIp; }

Be16 flow_bits_of(const Prefix& source) noexcept {
  const unsigned width = source.address.family == Family::ipv4 ? 32 : 128;
  const unsigned free = std::min(width - source.length, kFlowBitsMost);
  return Be16{static_cast<std::uint16_t>((1U << free) - 1)};
}

IpAddress first_address(const Prefix& source, Be16 flow_bits) noexcept {
  IpAddress out = source.address;
  const std::uint16_t bits = flow_bits.host();
  out.bytes[14] = static_cast<std::uint8_t>(out.bytes[14] & ~(bits >> 8));
  out.bytes[15] = static_cast<std::uint8_t>(out.bytes[15] & ~bits);
  return out;
}

// Never in fragments, so its identification may be anything (RFC 6864 4.1).
void write_ipv4(TunnelView& view, const IpAddress& source, const IpAddress& target, std::uint8_t protocol) noexcept {
  Ipv4Header& ip = *reinterpret_cast<Ipv4Header*>(view.headers.data());
  ip = {.version_words = 0x45,
        .tos = 0,
        .total_bytes = {},
        .id = {},
        .fragment = kDontFragment,
        .ttl = kOwnHops,
        .protocol = protocol,
        .checksum = {},
        .source = source.v4(),
        .target = target.v4()};
  view.sum = fold(sum_bytes(&ip, sizeof ip));
  view.ip_bytes = sizeof ip;
}

void write_ipv6(TunnelView& view, const IpAddress& source, const IpAddress& target, std::uint8_t protocol) noexcept {
  Ipv6Header& ip = *reinterpret_cast<Ipv6Header*>(view.headers.data());
  ip = {.version_class_flow = Be32{0x60000000},
        .payload_bytes = {},
        .next_header = protocol,
        .hop_limit = kOwnHops,
        .source = source.v6(),
        .target = target.v6()};
  view.ip_bytes = sizeof ip;
}

// The packet inside has checksums of its own: none here, which RFC 6935 allows to tunnels over IPv6 too.
void write_gue(TunnelView& view, const TunnelPlan& plan) noexcept {
  std::uint8_t* const at = view.headers.data() + view.ip_bytes;
  *reinterpret_cast<UdpHeader*>(at) = {.source_port = {}, .target_port = Be16{plan.port}, .length_bytes = {}, .checksum = {}};
  view.bytes = static_cast<std::uint8_t>(view.ip_bytes + sizeof(UdpHeader));
  if (plan.kind != TunnelKind::gue_header) return;
  at[sizeof(UdpHeader) + 1] = inner_protocol(plan.inner);
  view.bytes = static_cast<std::uint8_t>(view.bytes + 4);
}

}  // namespace

TunnelView make_tunnel(const TunnelPlan& plan) noexcept {
  TunnelView view;
  view.flow_bits = flow_bits_of(plan.source);
  if (plan.dscp) view.own_class = static_cast<std::uint8_t>(*plan.dscp << 2), view.kept_class = kCongestionBits;
  view.changes_family = plan.inner != plan.target.family;
  const IpAddress source = first_address(plan.source, view.flow_bits);
  const std::uint8_t protocol = plan.kind == TunnelKind::ipip ? inner_protocol(plan.inner) : kUdp;
  if (plan.target.family == Family::ipv4) write_ipv4(view, source, plan.target, protocol);
  else write_ipv6(view, source, plan.target, protocol);
  view.bytes = view.ip_bytes;
  if (plan.kind != TunnelKind::ipip) write_gue(view, plan);
  return view;
}

}  // namespace tandem
