// SPDX-License-Identifier: Apache-2.0
// One port, a range of them, or all: "80", "8000-8099", "*". Host order.
#pragma once

#include <compare>
#include <cstdint>

namespace tandem {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t more = 0;  // how many behind the first: a single port is what a plain number says

  constexpr std::uint16_t last() const noexcept { return static_cast<std::uint16_t>(first + more); }
  constexpr bool is_one() const noexcept { return more == 0; }
  constexpr bool is_all() const noexcept { return more == 0xffff; }
  constexpr bool contains(std::uint16_t port) const noexcept { return first <= port && port <= last(); }
  constexpr bool contains(const PortRange& other) const noexcept { return first <= other.first && other.last() <= last(); }
  constexpr bool overlaps(const PortRange& other) const noexcept { return first <= other.last() && other.first <= last(); }
  friend constexpr auto operator<=>(const PortRange&, const PortRange&) = default;
};

inline constexpr PortRange kAllPorts{0, 0xffff};

}  // namespace tandem
