// SPDX-License-Identifier: Apache-2.0
// Source addresses for full-nat (docs/design/full-nat.md), and what a port of theirs says: its low byte is the owner slot of its
// connection, its high byte one of that slot's ports, half of which each node of a pair takes.
#pragma once

#include <cstdint>
#include <memory>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/lb/owner.h"
#include "dataplane/model/group.h"

namespace tandem {

class PortBook;  // dataplane/conn/port_book.h

enum class PoolSlot : std::uint16_t {};     // place of a pool address in the generation; stable while it has connections
inline constexpr PoolSlot kNoPool{0x7fff};  // 15 bits: an entry keeps one more beside it
inline constexpr std::size_t kMaxPoolAddresses = 1024;

enum class OwnerSlot : std::uint8_t {};  // of the owner map: the top bits of a client end's hash
static_assert(kOwnerBits == 8, "a port's low byte is an owner slot");

// The lower and the upper half of each owner slot's ports; each node of a pair takes from its own (controlplane/pair/port_halves.h).
enum class PortHalf : std::uint8_t { first, second };
constexpr PortHalf other_half(PortHalf half) noexcept { return half == PortHalf::first ? PortHalf::second : PortHalf::first; }

// Which ports may be taken now: its own half when the peer has told all it has, the other when it has been gone for long (ha.md).
struct PortHalves {
  PortHalf mine = PortHalf::first;
  bool own = true, other = true;  // without a pair: all
  std::uint8_t spare = 0;         // four bytes: read and written at once

  friend bool operator==(const PortHalves&, const PortHalves&) = default;
};

constexpr OwnerSlot owner_slot(std::uint64_t table_hash) noexcept { return OwnerSlot{static_cast<std::uint8_t>(table_hash >> 56)}; }
constexpr OwnerSlot owner_slot_of_port(std::uint16_t port) noexcept { return OwnerSlot{static_cast<std::uint8_t>(port)}; }

// What the nodes call a pool address: its last two bytes, which differ among those of one group and family.
constexpr std::uint16_t pool_tag(const IpAddress& address) noexcept {
  return static_cast<std::uint16_t>(address.bytes[14] << 8 | address.bytes[15]);
}

struct PoolView {
  IpAddress address;
  GroupId group = kNoGroup;
  bool gives = false;               // false: it left the configuration, and keeps the connections that it has
  std::shared_ptr<PortBook> ports;  // lives as long as the address has connections; null: nobody's place

  friend bool operator==(const PoolView&, const PoolView&) = default;
};

}  // namespace tandem
