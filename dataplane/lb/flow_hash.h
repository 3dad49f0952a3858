// SPDX-License-Identifier: Apache-2.0
// The keyed hashes that scheduling rests on (SipHash-1-3). Both nodes of a pair derive the key from one seed and so get
// equal values; a client without the key cannot aim at a backend. Threads: pure functions. Ports are in wire order (Be16).
//   schedule_hash    of a flow's 5-tuple: its candidates. IPv4 hashes its own 2 words, not the 5 of the v4-mapped form.
//   source_hash      of the client's address alone, for scheduler `source-hash`; both families in the 16-byte form.
//   member_identity  of address, port and protocol: a backend's place in the tables and in carry_over, a service's name in digests.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "common/net/address.h"
#include "common/net/byte_order.h"
#include "common/net/siphash.h"

namespace tandem {

namespace detail {

using AddressWords = std::array<std::uint64_t, 2>;

inline AddressWords words_of(const std::array<std::uint8_t, 16>& bytes) noexcept {
  AddressWords words;
  std::memcpy(words.data(), bytes.data(), sizeof words);
  return words;
}

constexpr std::uint64_t ports_word(Be16 client_port, Be16 vip_port, Protocol protocol) noexcept {
  return std::uint64_t{client_port.wire} | std::uint64_t{vip_port.wire} << 16 | std::uint64_t{static_cast<std::uint8_t>(protocol)} << 32;
}

}  // namespace detail

inline std::uint64_t schedule_hash(const SipKey& key, Ipv4Address client, Be16 client_port, Ipv4Address vip, Be16 vip_port,
                                   Protocol protocol) noexcept {
  return siphash13_words<2>(
      key, {std::uint64_t{client.value.wire} | std::uint64_t{vip.value.wire} << 32, detail::ports_word(client_port, vip_port, protocol)});
}

inline std::uint64_t schedule_hash(const SipKey& key, const Ipv6Address& client, Be16 client_port, const Ipv6Address& vip, Be16 vip_port,
                                   Protocol protocol) noexcept {
  const detail::AddressWords from = detail::words_of(client.bytes), to = detail::words_of(vip.bytes);
  return siphash13_words<5>(key, {from[0], from[1], to[0], to[1], detail::ports_word(client_port, vip_port, protocol)});
}

// For callers that hold either family; equals the two above.
inline std::uint64_t schedule_hash(const SipKey& key, const Endpoint& client, const Endpoint& vip, Protocol protocol) noexcept {
  const Be16 client_port{client.port}, vip_port{vip.port};
  if (vip.address.family == Family::ipv4) return schedule_hash(key, client.address.v4(), client_port, vip.address.v4(), vip_port, protocol);
  return schedule_hash(key, client.address.v6(), client_port, vip.address.v6(), vip_port, protocol);
}

inline std::uint64_t source_hash(const SipKey& key, const IpAddress& client) noexcept {
  return siphash13_words<2>(key, detail::words_of(client.bytes));
}

inline std::uint64_t member_identity(const SipKey& key, const Endpoint& endpoint, Protocol protocol) noexcept {
  const detail::AddressWords at = detail::words_of(endpoint.address.bytes);
  return siphash13_words<3>(key, {at[0], at[1], detail::ports_word(Be16{}, Be16{endpoint.port}, protocol)});
}

}  // namespace tandem
