// SPDX-License-Identifier: Apache-2.0
// A next hop as a worker needs it: the Ethernet header to write and the port to send on, in a quarter of a cache line.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "common/net/byte_order.h"

namespace tandem {

inline constexpr std::uint8_t kAdjacencyResolved = 1;  // the target MAC is known
inline constexpr std::uint8_t kAdjacencyTagged = 2;    // vlan holds the tag to send with

struct alignas(16) Adjacency {
  MacAddress target, source;  // in the order they stand on the wire
  PortId port{};
  std::uint8_t flags = 0;
  Be16 vlan;  // 802.1Q control field

  bool resolved() const { return (flags & kAdjacencyResolved) != 0; }
  bool tagged() const { return (flags & kAdjacencyTagged) != 0; }
  friend bool operator==(const Adjacency&, const Adjacency&) = default;
};
static_assert(sizeof(Adjacency) == 16);

inline constexpr AdjacencyId kNoAdjacency{0xffff};

}  // namespace tandem
