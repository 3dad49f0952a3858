// SPDX-License-Identifier: Apache-2.0
// An IPv6 address, and what belongs to it, in the 49 bits that a FlatIndex has for a key. Two may have the same: whoever builds an
// index chooses a salt that keeps those held apart, and compares what is found.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "common/base/ensure.h"
#include "common/net/address.h"
#include "dataplane/model/flat_index.h"

namespace tandem {

inline std::uint64_t fingerprint(const Ipv6Address& address, std::uint64_t rest, std::uint64_t salt) noexcept {
  std::uint64_t high, low;
  std::memcpy(&high, address.bytes.data(), 8);
  std::memcpy(&low, address.bytes.data() + 8, 8);
  std::uint64_t mixed = (high + salt) * 0x9e3779b97f4a7c15 ^ (low + rest) * 0xc2b2ae3d27d4eb4f;
  mixed ^= mixed >> 32;
  mixed *= 0xd6e8feb86659fd93;
  return mixed >> FlatIndex::kPlaceBits | 1;  // never 0
}

// An index of fingerprints, and the salt that keeps them apart.
struct Fingerprints {
  FlatIndex index;
  std::uint64_t salt = 0;

  // `keys_with` makes the keys under a salt. 16,384 fingerprints of 48 bits collide once in two million builds; another salt parts them.
  template <typename KeysWith>
  static Fingerprints of(KeysWith&& keys_with, std::size_t first_place) {
    for (std::uint64_t salt = 0;; ++salt) {
      ensure(salt < 64);
      const std::vector<std::uint64_t> keys = keys_with(salt);
      std::vector<std::uint64_t> sorted = keys;
      std::ranges::sort(sorted);
      if (std::ranges::adjacent_find(sorted) == sorted.end()) return {FlatIndex{keys, first_place}, salt};
    }
  }
};

}  // namespace tandem
