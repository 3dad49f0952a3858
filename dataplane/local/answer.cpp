// SPDX-License-Identifier: Apache-2.0
#include "dataplane/local/answer.h"

#include "dataplane/model/lan.h"

namespace tandem {

namespace {

bool has_address(const PortView& port, const IpAddress& address) noexcept {
  for (const Prefix& own : port.addresses)
    if (own.address == address) return true;
  return false;
}

bool is_martian(Ipv4Address source) noexcept {
  const std::uint32_t value = source.value.host();
  const std::uint32_t first = value >> 24;
  return first == 0 || first == 127 || first >= 224;  // 224/4 multicast, 240/4 reserved and broadcast
}

bool is_martian(const Ipv6Address& source) noexcept {
  if (source.bytes[0] == 0xff) return true;
  std::uint64_t high, low;
  std::memcpy(&high, source.bytes.data(), sizeof high);
  std::memcpy(&low, source.bytes.data() + sizeof high, sizeof low);
  if (high != 0) return false;
  const std::uint64_t host = __builtin_bswap64(low);
  return host <= 1 || host >> 32 == 0xffff;  // ::, ::1, and v4-mapped, which never stands on a wire (RFC 4942 2.2)
}

// A network of one or two addresses has none (RFC 3021).
bool is_broadcast_of(const Prefix& network, const IpAddress& address) noexcept {
  if (network.address.family != Family::ipv4 || address.family != Family::ipv4 || network.length > 30) return false;
  const std::uint32_t hosts = 0xffffffff >> network.length, asked = address.v4().value.host();
  return (asked & hosts) == hosts && ((asked ^ network.address.v4().value.host()) & ~hosts) == 0;
}

}  // namespace

Respondent respondent_for(const Generation& generation, const Roles& roles, const Packet& packet, const IpAddress& address) noexcept {
  const PortView& port = (*generation.ports)[index(packet.port)];
  if (const VipEntry* vip = generation.index->find_vip(address)) {
    if (!roles.is_active(vip->group)) return {Respondent::Who::other_node, {}};
    return {Respondent::Who::we, answering_mac(port, packet.vlan, vip->group, address.family)};
  }
  if (port.twin == TwinKind::none && has_address(port, address)) return {Respondent::Who::we, port.mac};
  return {};
}

DropReason judge_claim(const Generation& generation, const Roles& roles, const Packet& packet, const VipEntry& vip) noexcept {
  if (roles.is_active(vip.group)) return DropReason::source_is_vip;
  const PortView& port = (*generation.ports)[index(packet.port)];
  const MacAddress& sender = packet.eth().source;
  const VirtualMac* group_mac = virtual_mac_at(port, packet.vlan, sender);
  const bool is_groups = group_mac != nullptr && group_mac->group == vip.group;
  const bool is_peers = roles.is_on_peer(vip.group) || is_groups || is_peer_mac(port, packet.vlan, sender);
  return is_peers ? DropReason::standby_vip : DropReason::source_is_vip;
}

bool is_node_address(const Generation& generation, const IpAddress& address) noexcept {
  for (const PortView& port : *generation.ports)
    if (has_address(port, address)) return true;
  return false;
}

bool is_directed_broadcast(const Generation& generation, const IpAddress& address) noexcept {
  for (const PortView& port : *generation.ports)
    for (const Prefix& own : port.addresses)
      if (is_broadcast_of(own, address)) return true;
  return false;
}

bool is_martian(const IpAddress& source) noexcept {
  return source.family == Family::ipv4 ? is_martian(source.v4()) : is_martian(source.v6());
}

}  // namespace tandem
