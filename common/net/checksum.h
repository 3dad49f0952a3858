// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071) and its update in place (RFC 1624, equation 3: HC' = ~(~HC + ~m + m')).
// All sums are over wire-order words, so nothing is swapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/net/address.h"
#include "common/net/byte_order.h"

namespace tandem {

// An unfolded ones'-complement sum of 16-bit wire words.
using Sum = std::uint64_t;

constexpr std::uint16_t fold(Sum sum) noexcept {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

Sum sum_bytes(const void* bytes, std::size_t length) noexcept;

inline Sum sum_address(const IpAddress& address) noexcept {
  return address.family == Family::ipv4 ? sum_bytes(address.bytes.data() + 12, 4) : sum_bytes(address.bytes.data(), 16);
}

// What replacing `before` by `after` adds to a checksum, folded; add it with apply_delta. Its opposite is ~delta.
constexpr std::uint16_t checksum_delta(Sum before, Sum after) noexcept {
  return fold(Sum{static_cast<std::uint16_t>(~fold(before))} + fold(after));
}

constexpr Be16 apply_delta(Be16 checksum, std::uint16_t delta) noexcept {
  return Be16::from_wire(static_cast<std::uint16_t>(~fold(Sum{static_cast<std::uint16_t>(~checksum.wire)} + delta)));
}

// The pseudo-header's part (RFC 9293, RFC 8200 8.1): addresses, protocol, length of what follows the IP header.
Sum pseudo_header_sum(const IpAddress& source, const IpAddress& target, std::uint8_t protocol, std::uint32_t length_bytes) noexcept;

// The checksum field's value for bytes whose own field is zero at the moment.
inline Be16 finish_checksum(Sum sum) noexcept { return Be16::from_wire(static_cast<std::uint16_t>(~fold(sum))); }

}  // namespace tandem
