// SPDX-License-Identifier: Apache-2.0
// Which connection has which port of one pool address (docs/design/full-nat.md). Two arrays, by protocol, of a shelf for each owner
// slot. Ports are host order; those below 1024 are never given.
// Threads: a shelf belongs to the worker that owns its slot, which may not change while the book lives.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/cache_line.h"
#include "dataplane/conn/events.h"
#include "dataplane/model/pool.h"

namespace tandem {

// An entry's place among a worker's two tables.
struct ConnPlace {
  Family family = Family::ipv4;
  ConnHandle handle = kNoConn;  // below 2^31

  friend bool operator==(const ConnPlace&, const ConnPlace&) = default;
};

class PortBook {
 public:
  static constexpr unsigned kFirstHigh = 4, kSecondHalf = 130, kHighs = 256;  // of a port's high byte
  static constexpr unsigned kPortsPerHalf = kSecondHalf - kFirstHigh;         // of an owner slot
  static constexpr unsigned kAllPortsOfAHalf = kPortsPerHalf << kOwnerBits;
  static_assert(kHighs - kSecondHalf == kPortsPerHalf);

  PortBook();

  // The free port of this half that rested longest, or so: they are taken in a circle. None: all are taken.
  std::optional<std::uint16_t> take(Protocol protocol, OwnerSlot slot, PortHalf half, ConnPlace place) noexcept;
  // This port, of either half, for a connection that has it already. False: it is another's, or no port of a pool.
  bool claim(Protocol protocol, std::uint16_t port, ConnPlace place) noexcept;
  void release(Protocol protocol, std::uint16_t port) noexcept;

  std::optional<ConnPlace> find(Protocol protocol, std::uint16_t port) const noexcept;

  // A walk over one half of an owner slot's ports, by their high byte: who took his longest ago comes first, or so.
  unsigned oldest(Protocol protocol, OwnerSlot slot, PortHalf half) const noexcept {
    return shelf(protocol, slot).next[static_cast<std::size_t>(half)];
  }
  static constexpr unsigned next(unsigned high, PortHalf half) noexcept {
    const unsigned first = half == PortHalf::first ? kFirstHigh : kSecondHalf;
    return high + 1 == first + kPortsPerHalf ? first : high + 1;
  }
  std::optional<ConnPlace> at(Protocol protocol, OwnerSlot slot, unsigned high) const noexcept;
  void prefetch(Protocol protocol, std::uint16_t port) const noexcept;

  // Becomes what the other book is for this owner slot: for a rehearsal (pipeline/rehearsal.h). The slot's worker alone.
  void copy_shelf(const PortBook& other, Protocol protocol, OwnerSlot slot) noexcept;

  // Any thread may ask: a moment's view.
  unsigned taken(Protocol protocol, OwnerSlot slot, PortHalf half) const noexcept;
  std::uint32_t taken(Protocol protocol, PortHalf half) const noexcept;
  std::uint32_t taken(Protocol protocol) const noexcept { return taken(protocol, PortHalf::first) + taken(protocol, PortHalf::second); }
  bool empty() const noexcept { return taken(Protocol::tcp) + taken(Protocol::udp) == 0; }

 private:
  // 0 in a cell: nobody has the port; else the handle and one, above a bit that says the family.
  struct alignas(kCacheLineBytes) Shelf {
    std::array<std::uint64_t, kHighs / 64> used{};
    std::array<std::uint16_t, 2> next{kFirstHigh, kSecondHalf};
    std::array<std::atomic<std::uint16_t>, 2> taken{};  // by half
    alignas(kCacheLineBytes) std::array<std::uint32_t, kHighs> cells{};

    void copy(const Shelf& other) noexcept;
  };
  using Shelves = std::array<Shelf, std::size_t{1} << kOwnerBits>;

  const Shelf& shelf(Protocol protocol, OwnerSlot slot) const noexcept {
    return (*shelves_)[protocol == Protocol::udp ? 1 : 0][index(slot)];
  }
  Shelf& shelf(Protocol protocol, OwnerSlot slot) noexcept { return (*shelves_)[protocol == Protocol::udp ? 1 : 0][index(slot)]; }
  static unsigned free_from(const Shelf& shelf, unsigned from, unsigned to) noexcept;
  static void put(Shelf& shelf, unsigned high, ConnPlace place) noexcept;
  static void count(Shelf& shelf, unsigned high, int more) noexcept;

  static constexpr unsigned high_of(std::uint16_t port) noexcept { return port >> 8; }

  std::unique_ptr<std::array<Shelves, 2>> shelves_;
};

inline std::optional<ConnPlace> PortBook::at(Protocol protocol, OwnerSlot slot, unsigned high) const noexcept {
  const std::uint32_t cell = shelf(protocol, slot).cells[high];
  if (cell == 0) return std::nullopt;
  return ConnPlace{(cell & 1) != 0 ? Family::ipv6 : Family::ipv4, ConnHandle{(cell >> 1) - 1}};
}

inline std::optional<ConnPlace> PortBook::find(Protocol protocol, std::uint16_t port) const noexcept {
  return at(protocol, owner_slot_of_port(port), high_of(port));
}

inline void PortBook::prefetch(Protocol protocol, std::uint16_t port) const noexcept {
  tandem::prefetch(&shelf(protocol, owner_slot_of_port(port)).cells[high_of(port)]);
}

}  // namespace tandem
