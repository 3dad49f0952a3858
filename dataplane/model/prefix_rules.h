// SPDX-License-Identifier: Apache-2.0
// One list of who may not enter, of both families, as workers look it up. Immutable once published.
#pragma once

#include <cstring>

#include "common/net/address.h"
#include "dataplane/model/prefix_ranges.h"

namespace tandem {

inline std::uint32_t number_of(Ipv4Address address) noexcept { return address.value.host(); }
inline Uint128 number_of(const Ipv6Address& address) noexcept {
  std::uint64_t high, low;
  std::memcpy(&high, address.bytes.data(), sizeof high);
  std::memcpy(&low, address.bytes.data() + sizeof high, sizeof low);
  return Uint128{__builtin_bswap64(high)} << 64 | __builtin_bswap64(low);
}

struct PrefixRules {
  PrefixRanges<std::uint32_t> v4;
  PrefixRanges<Uint128> v6;

  RuleWord find(Ipv4Address address) const noexcept { return v4.find(number_of(address)); }
  RuleWord find(const Ipv6Address& address) const noexcept { return v6.find(number_of(address)); }
  RuleWord find(const IpAddress& address) const noexcept {
    return address.family == Family::ipv4 ? find(address.v4()) : find(address.v6());
  }
  bool empty() const noexcept { return v4.empty() && v6.empty(); }
};

}  // namespace tandem
