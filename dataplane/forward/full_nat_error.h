// SPDX-License-Identifier: Apache-2.0
// ICMP errors about a full-nat connection, within one family: nat_error.h's way with both ends put back. Whoever complained, who speaks
// is the end that the other one knows: the pool address to the backend, the VIP to the client.
#pragma once

#include "dataplane/forward/nat_error.h"

namespace tandem {

namespace detail {

// What stands in an error afterwards, in itself and in what it quotes.
template <typename Address>
struct ErrorEnds {
  Address speaker, listener;
  Address quoted_source, quoted_target;
  Be16 quoted_source_port, quoted_target_port;
};

template <typename Address>
void put_back(Packet& error, Packet& quoted, const ErrorEnds<Address>& ends, std::uint16_t l4_delta) noexcept {
  const Sum before = quoted_sum(quoted);
  write_address(quoted, kPlaces<Address>.source, ends.quoted_source);
  write_address(quoted, kPlaces<Address>.target, ends.quoted_target);
  patch_quoted_l4(quoted, l4_delta);
  quoted.udp().source_port = ends.quoted_source_port, quoted.udp().target_port = ends.quoted_target_port;
  const std::uint16_t quote_delta = checksum_delta(before, quoted_sum(quoted));
  const std::uint16_t speaker_delta = write_address(error, kPlaces<Address>.source, ends.speaker);
  constexpr bool kIpv6 = std::is_same_v<Address, Ipv6Address>;  // ICMPv6 sums both addresses
  finish_error(error, kPlaces<Address>.target, ends.listener, kIpv6 ? fold(Sum{quote_delta} + speaker_delta) : quote_delta);
}

}  // namespace detail

// To the VIP, about what the backend sent: VIP → client was backend → pool address.
template <typename Entry>
void full_nat_error_to_backend(Packet& error, Packet& quoted, const Entry& entry, const typename Entry::AddressType& pool,
                               const typename Entry::AddressType& backend) noexcept {
  const detail::ErrorEnds<typename Entry::AddressType> ends{pool, backend, backend, pool, entry.backend_port, entry.own_source().port};
  detail::put_back(error, quoted, ends, entry.l4_delta);
}

// To a pool address, about what the client sent: pool address → backend was client → VIP.
template <typename Entry>
void full_nat_error_to_client(Packet& error, Packet& quoted, const Entry& entry) noexcept {
  const detail::ErrorEnds<typename Entry::AddressType> ends{entry.vip, entry.client,      entry.client,
                                                            entry.vip, entry.client_port, entry.vip_port};
  detail::put_back(error, quoted, ends, static_cast<std::uint16_t>(~entry.l4_delta));
}

// The quoted segment went out with a number that was `ahead` smaller than the client's, to make room for a header (client_header.h).
inline void number_as_client(Packet& error, Packet& quoted, std::uint32_t ahead) noexcept {
  const Sum before = detail::quoted_sum(quoted);
  Be32& sequence = quoted.tcp().sequence;
  const Be32 clients{sequence.host() + ahead};
  detail::patch_quoted_l4(quoted, checksum_delta(sum_bytes(&sequence, sizeof sequence), sum_bytes(&clients, sizeof clients)));
  sequence = clients;
  error.icmp().checksum = patched(error.icmp().checksum, checksum_delta(before, detail::quoted_sum(quoted)));
}

}  // namespace tandem
