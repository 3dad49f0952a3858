// SPDX-License-Identifier: Apache-2.0
// Who has a port of an address, where that is not one address and one port: of the entries that hold both, the one with the longest
// prefix, then a single port before a range before all. Off the fast path, but for the replies of backends that have many ports.
// Threads: built by one, then immutable.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/net/address.h"
#include "common/net/port_range.h"
#include "dataplane/model/prefix_index.h"

namespace tandem {

struct PortSpan {
  Prefix at;
  Protocol protocol{};
  PortRange ports;
};

class PortSpans {
 public:
  PortSpans() = default;
  // Ranges of one prefix and protocol do not overlap, and no two entries are the same. Places are 0, 1, ….
  explicit PortSpans(std::span<const PortSpan> spans);

  bool empty() const noexcept { return runs_.empty(); }
  std::size_t find(const IpAddress& address, Protocol protocol, std::uint16_t port) const noexcept;  // place + 1; 0: nobody

 private:
  enum class Width : std::uint8_t { one, range, all };
  static constexpr unsigned kWidths = 3;

  struct Run {
    std::uint64_t key = 0;  // site, protocol, width, first port: runs are sorted by it
    std::uint16_t last = 0;
    std::uint32_t place = 0;
  };

  static std::uint64_t key_of(std::size_t site, Protocol protocol, Width width, std::uint16_t port) noexcept {
    return std::uint64_t{site} << 32 | std::uint64_t{static_cast<std::uint8_t>(protocol)} << 24 |
           std::uint64_t{static_cast<std::uint8_t>(width)} << 16 | port;
  }
  static Width width_of(const PortRange& ports) noexcept {
    return ports.is_one() ? Width::one : ports.is_all() ? Width::all : Width::range;
  }
  std::size_t find_at(std::size_t site, Protocol protocol, std::uint16_t port) const noexcept;

  PrefixIndex sites_;
  std::vector<Run> runs_;
};

}  // namespace tandem
