// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/port_book.h"

#include <algorithm>
#include <bit>

#include "common/base/ensure.h"

namespace tandem {

namespace {

constexpr std::uint16_t port_of(unsigned high, OwnerSlot slot) noexcept { return static_cast<std::uint16_t>(high << 8 | index(slot)); }

struct Range {
  unsigned first, end;
};
constexpr Range range_of(PortHalf half) noexcept {
  return half == PortHalf::first ? Range{PortBook::kFirstHigh, PortBook::kSecondHalf} : Range{PortBook::kSecondHalf, PortBook::kHighs};
}

}  // namespace

PortBook::PortBook() : shelves_{std::make_unique<std::array<Shelves, 2>>()} {}

// `to` when all are used.
unsigned PortBook::free_from(const Shelf& shelf, unsigned from, unsigned to) noexcept {
  while (from < to) {
    const std::uint64_t free = ~shelf.used[from / 64] >> (from % 64);
    if (free != 0) return std::min(to, from + static_cast<unsigned>(std::countr_zero(free)));
    from = (from / 64 + 1) * 64;
  }
  return to;
}

void PortBook::put(Shelf& shelf, unsigned high, ConnPlace place) noexcept {
  ensure(index(place.handle) < (std::size_t{1} << 31) - 1);
  shelf.cells[high] = static_cast<std::uint32_t>(index(place.handle) + 1) << 1 | (place.family == Family::ipv6 ? 1U : 0U);
  shelf.used[high / 64] |= std::uint64_t{1} << (high % 64);
  count(shelf, high, 1);
}

void PortBook::count(Shelf& shelf, unsigned high, int more) noexcept {
  std::atomic<std::uint16_t>& taken = shelf.taken[high < kSecondHalf ? 0 : 1];
  taken.store(static_cast<std::uint16_t>(taken.load(std::memory_order_relaxed) + more), std::memory_order_relaxed);
}

std::optional<std::uint16_t> PortBook::take(Protocol protocol, OwnerSlot slot, PortHalf half, ConnPlace place) noexcept {
  Shelf& own = shelf(protocol, slot);
  const Range range = range_of(half);
  std::uint16_t& next = own.next[static_cast<std::size_t>(half)];
  unsigned high = free_from(own, next, range.end);
  if (high == range.end) {
    high = free_from(own, range.first, next);
    if (high == next) return std::nullopt;
  }
  put(own, high, place);
  next = static_cast<std::uint16_t>(high + 1 == range.end ? range.first : high + 1);
  return port_of(high, slot);
}

bool PortBook::claim(Protocol protocol, std::uint16_t port, ConnPlace place) noexcept {
  Shelf& own = shelf(protocol, owner_slot_of_port(port));
  if (high_of(port) < kFirstHigh || own.cells[high_of(port)] != 0) return false;
  put(own, high_of(port), place);
  return true;
}

void PortBook::release(Protocol protocol, std::uint16_t port) noexcept {
  Shelf& own = shelf(protocol, owner_slot_of_port(port));
  const unsigned high = high_of(port);
  ensure(own.cells[high] != 0);
  own.cells[high] = 0;
  own.used[high / 64] &= ~(std::uint64_t{1} << (high % 64));
  count(own, high, -1);
}

void PortBook::Shelf::copy(const Shelf& other) noexcept {
  used = other.used, next = other.next, cells = other.cells;
  for (std::size_t half = 0; half < taken.size(); ++half)
    taken[half].store(other.taken[half].load(std::memory_order_relaxed), std::memory_order_relaxed);
}

void PortBook::copy_shelf(const PortBook& other, Protocol protocol, OwnerSlot slot) noexcept {
  shelf(protocol, slot).copy(other.shelf(protocol, slot));
}

unsigned PortBook::taken(Protocol protocol, OwnerSlot slot, PortHalf half) const noexcept {
  return shelf(protocol, slot).taken[static_cast<std::size_t>(half)].load(std::memory_order_relaxed);
}

std::uint32_t PortBook::taken(Protocol protocol, PortHalf half) const noexcept {
  std::uint32_t sum = 0;
  for (std::size_t slot = 0; slot < std::tuple_size_v<Shelves>; ++slot) sum += taken(protocol, static_cast<OwnerSlot>(slot), half);
  return sum;
}

}  // namespace tandem
