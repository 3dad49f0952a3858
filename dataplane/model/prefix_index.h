// SPDX-License-Identifier: Apache-2.0
// The prefixes that hold an address, the longest first: one look-up in a FlatIndex for each length that occurs. An operator has few
// lengths, so that costs less than a trie's walk. Threads: built by one, then immutable.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "common/net/address.h"
#include "dataplane/model/address_fingerprint.h"

namespace tandem {

class PrefixIndex {
 public:
  PrefixIndex() = default;
  // Distinct, without host bits, none of length 0; their places are 0, 1, ….
  explicit PrefixIndex(std::span<const Prefix> prefixes);

  bool empty() const noexcept { return prefixes_.empty(); }
  std::span<const Prefix> prefixes() const noexcept { return prefixes_; }

  // Asks accept(place) for each that holds the address, until one is accepted. False: none was.
  template <typename Accept>
  bool walk(const IpAddress& address, Accept&& accept) const {
    for (const std::uint8_t length : lengths(address.family)) {
      const std::size_t place = address.family == Family::ipv4 ? find4(address.v4(), length) : find6(address.v6(), length);
      if (place != 0 && accept(place - 1)) return true;
    }
    return false;
  }
  std::size_t longest(const IpAddress& address) const noexcept {  // place + 1; 0: none holds it
    std::size_t found = 0;
    walk(address, [&](std::size_t place) { return found = place + 1, true; });
    return found;
  }

 private:
  std::span<const std::uint8_t> lengths(Family family) const noexcept { return lengths_[family == Family::ipv4 ? 0 : 1]; }
  std::size_t find4(Ipv4Address address, std::uint8_t length) const noexcept;
  std::size_t find6(const Ipv6Address& address, std::uint8_t length) const noexcept;

  std::vector<Prefix> prefixes_;
  std::array<std::vector<std::uint8_t>, 2> lengths_;  // IPv4's and IPv6's, the longest first
  std::vector<std::size_t> places4_, places6_;        // of the indexes' places
  FlatIndex index4_;
  Fingerprints index6_;
};

}  // namespace tandem
