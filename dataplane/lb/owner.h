// SPDX-License-Identifier: Apache-2.0
// Ownership is arithmetic: owner = map[hash of the client end], so any worker knows it from packet and generation alone.
// Threads: the map is immutable in a generation. The top bits choose the owner: the low ones choose the table's bucket, and
// using the same bits twice would leave each worker's table with a share of its buckets empty.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/ensure.h"
#include "common/base/ids.h"

namespace tandem {

inline constexpr unsigned kOwnerBits = 8;
using OwnerMap = std::array<WorkerId, std::size_t{1} << kOwnerBits>;

constexpr WorkerId owner_of(std::uint32_t client_hash, const OwnerMap& owners) noexcept { return owners[client_hash >> (32 - kOwnerBits)]; }

// Entry i belongs to worker i mod workers, which is also how drivers fill a RETA unasked.
inline OwnerMap even_owners(std::size_t workers) noexcept {
  ensure(workers > 0 && workers <= OwnerMap{}.size());
  OwnerMap owners;
  for (std::size_t i = 0; i < owners.size(); ++i) owners[i] = static_cast<WorkerId>(i % workers);
  return owners;
}

}  // namespace tandem
