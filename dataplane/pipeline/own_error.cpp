// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/own_error.h"

#include <optional>

#include "dataplane/local/icmp_error.h"
#include "dataplane/observe/taps.h"
#include "dataplane/pipeline/count_error.h"
#include "dataplane/pipeline/judge_link.h"

namespace tandem {

namespace {

// About a later fragment none is made (RFC 1122 3.2.2): its first one's sender is told.
bool names_ports(const Packet& packet) noexcept {
  return packet.kind == PacketKind::transport || packet.kind == PacketKind::first_fragment;
}

// What the peer gave us on has its MAC, not the sender's: by that no error would find its way.
bool may_be_told(const Pass& pass, const Packet& packet) noexcept {
  const IpAddress source = packet.source();
  const MacAddress& mac = packet.eth().source;
  if (!names_ports(packet) || mac.is_multicast() || is_peer_mac(port_of(pass, packet), packet.vlan, mac)) return false;
  return !is_martian(source) && !is_node_address(pass.generation, source) && !is_directed_broadcast(pass.generation, source) &&
         pass.generation.index->find_vip(source) == nullptr;
}

// The node's own on the port's LAN, as near to the other's as there is.
std::optional<IpAddress> address_towards(const PortView& port, const IpAddress& other) noexcept {
  std::optional<IpAddress> found;
  for (const Prefix& own : port.addresses) {
    if (own.address.family != other.family) continue;
    if (own.contains(other)) return own.address;
    if (!found) found = own.address;
  }
  return found;
}

std::optional<IpAddress> speaker(const Pass& pass, const Packet& packet) noexcept {
  const VipEntry* vip = pass.generation.index->find_vip(packet.target());
  if (vip == nullptr) return address_towards(port_of(pass, packet), packet.source());
  return pass.context.roles.takes_frames_of(vip->group) ? std::optional{packet.target()} : std::nullopt;
}

bool has_token(const Pass& pass) noexcept { return pass.context.error_rate != nullptr && pass.context.error_rate->take(pass.context.now); }

// Why there is none; count_: it was made of the packet.
IcmpErrorFate make_error(const Pass& pass, Packet& packet, OwnError error, std::uint16_t mtu_bytes) noexcept {
  const std::optional<IpAddress> from = may_be_told(pass, packet) ? speaker(pass, packet) : std::nullopt;
  if (!from) return IcmpErrorFate::unanswerable;
  if (!has_token(pass)) return IcmpErrorFate::limited;
  const bool made = become_error(packet, error, mtu_bytes, *from, port_of(pass, packet).mac);
  return made ? IcmpErrorFate::count_ : IcmpErrorFate::unanswerable;
}

void drop_and_tell(const Pass& pass, Packet& packet, DropReason reason, OwnError error, std::uint16_t mtu_bytes) noexcept {
  Taps* const taps = pass.context.taps;
  if (taps != nullptr) taps->may_drop(packet, reason);  // the error is made of its buffer
  const IcmpErrorFate silent = make_error(pass, packet, error, mtu_bytes);
  if (taps != nullptr) taps->did(silent == IcmpErrorFate::count_);
  if (silent != IcmpErrorFate::count_) {
    count_error(pass, silent);
    return pass.batch.drop(packet, reason);
  }
  count_error(pass, error == OwnError::too_big ? IcmpErrorFate::too_big : IcmpErrorFate::time_exceeded);
  pass.counters().dropped[static_cast<std::size_t>(reason)].add();
  pass.counters().originated.add();
  pass.batch.transmit(packet, packet.port);
}

bool may_be_fragmented(const Packet& packet) noexcept { return packet.family == Family::ipv4 && !packet.ipv4().dont_fragment(); }

}  // namespace

void drop_expired(const Pass& pass, Packet& packet) noexcept {
  drop_and_tell(pass, packet, DropReason::ttl_expired, OwnError::time_exceeded, 0);
}

// A packet that fits is too long by its padding alone, which no smaller packet would change.
void drop_too_big(const Pass& pass, Packet& packet, std::uint16_t mtu_bytes) noexcept {
  if (may_be_fragmented(packet) || packet.ip_bytes <= mtu_bytes) return pass.batch.drop(packet, DropReason::mtu_exceeded);
  drop_and_tell(pass, packet, DropReason::mtu_exceeded, OwnError::too_big, mtu_bytes);
}

}  // namespace tandem
