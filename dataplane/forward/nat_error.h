// SPDX-License-Identifier: Apache-2.0
// ICMP errors about a translated connection (RFC 5508 4.2): the quoted packet becomes again what its sender sent, addresses, port and
// checksums alike, or the sender would find no socket for it. The quoted transport checksum is put back where it was quoted, and not
// judged, since mostly not all that it sums was quoted (REQ-3 c). Type, code and all the rest stay.
// All rely on `quoted` being read from `error` (packet/quote.h), on an entry of nat, and on a hop limit above 1.
#pragma once

#include "dataplane/conn/entry.h"
#include "dataplane/forward/nat.h"

namespace tandem {

namespace detail {

struct AddressPlaces {
  std::size_t source, target;  // from the IP header
};
template <typename Address>
inline constexpr AddressPlaces kPlaces =
    std::is_same_v<Address, Ipv4Address> ? AddressPlaces{offsetof(Ipv4Header, source), offsetof(Ipv4Header, target)}
                                         : AddressPlaces{offsetof(Ipv6Header, source), offsetof(Ipv6Header, target)};

// What is changed of a quoted packet ends with TCP's checksum; UDP's stands before it.
inline constexpr std::size_t kChangedL4Bytes = offsetof(TcpHeader, checksum) + sizeof(Be16);

// Of an even number of bytes, as a patch takes it: one that is left over is quoted, but never changed.
inline Sum quoted_sum(const Packet& quoted) noexcept {
  const std::size_t changed = std::min<std::size_t>(quoted.readable_bytes, quoted.l4_offset + kChangedL4Bytes);
  return sum_bytes(quoted.frame, changed & ~std::size_t{1});
}

inline void patch_quoted_l4(Packet& quoted, std::uint16_t delta) noexcept {
  if (quoted.is_tcp() && quoted.readable_bytes < quoted.l4_offset + kChangedL4Bytes) return;
  patch_l4(quoted, delta);
}

// Tells what it adds to a checksum that sums the address. IPv4's header is right again afterwards.
template <typename Address>
std::uint16_t write_address(Packet& packet, std::size_t place, const Address& address) noexcept {
  std::uint8_t* at = packet.l3() + place;
  const std::uint16_t delta = checksum_delta(sum_bytes(at, sizeof address), sum_bytes(&address, sizeof address));
  std::memcpy(at, &address, sizeof address);
  if constexpr (std::is_same_v<Address, Ipv4Address>) packet.ipv4().checksum = patched(packet.ipv4().checksum, delta);
  return delta;
}

// The error itself, whose outer `address` is another now: ICMPv6 sums it (RFC 4443 2.3).
template <typename Address>
void finish_error(Packet& error, std::size_t place, const Address& address, std::uint16_t quote_delta) noexcept {
  constexpr bool kIpv6 = std::is_same_v<Address, Ipv6Address>;
  const std::uint16_t address_delta = write_address(error, place, address);
  const std::uint32_t deltas = quote_delta + (kIpv6 ? std::uint32_t{address_delta} : 0);
  error.icmp().checksum = patched(error.icmp().checksum, deltas);
  if constexpr (kIpv6) take_hop(error.ipv6());
  else take_hop(error.ipv4(), 0);
}

}  // namespace detail

// To the VIP, about what the backend sent: VIP → client was backend → client.
template <typename Entry>
void nat_error_to_backend(Packet& error, Packet& quoted, const Entry& entry) noexcept {
  constexpr detail::AddressPlaces kPlaces = detail::kPlaces<typename Entry::AddressType>;
  const Sum before = detail::quoted_sum(quoted);
  detail::write_address(quoted, kPlaces.source, entry.backend);
  detail::patch_quoted_l4(quoted, entry.l4_delta);
  quoted.udp().source_port = entry.backend_port;  // TCP's ports stand at the same place
  detail::finish_error(error, kPlaces.target, entry.backend, checksum_delta(before, detail::quoted_sum(quoted)));
}

// From the backend or a router before it, about what the client sent: client → backend was client → VIP. It is the VIP that speaks,
// whoever did: another address of the servers' network may be private, and the error be dropped for it on its way (4.2.2, REQ-5 c).
template <typename Entry>
void nat_error_to_client(Packet& error, Packet& quoted, const Entry& entry) noexcept {
  constexpr detail::AddressPlaces kPlaces = detail::kPlaces<typename Entry::AddressType>;
  const Sum before = detail::quoted_sum(quoted);
  detail::write_address(quoted, kPlaces.target, entry.vip);
  detail::patch_quoted_l4(quoted, static_cast<std::uint16_t>(~entry.l4_delta));
  quoted.udp().target_port = entry.vip_port;
  detail::finish_error(error, kPlaces.source, entry.vip, checksum_delta(before, detail::quoted_sum(quoted)));
}

}  // namespace tandem
