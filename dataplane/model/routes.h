// SPDX-License-Identifier: Apache-2.0
// Ways to addresses that are not backends (clients): routes by longest prefix, neighbours by address. Read when a connection
// is made and when `version` says that an entry's remembered next hop may be stale; never per packet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/model/adjacency.h"

namespace tandem {

struct RouteEntry {
  Prefix prefix;
  std::optional<IpAddress> gateway;  // none: the destination is its own next hop, on link
  PortId port{};
  std::uint16_t vlan = 0;  // 0: untagged

  friend bool operator==(const RouteEntry&, const RouteEntry&) = default;
};

struct NeighbourEntry {
  IpAddress address;
  PortId port{};
  std::uint16_t vlan = 0;
  AdjacencyId adjacency{};  // its place in the generation's adjacencies

  friend bool operator==(const NeighbourEntry&, const NeighbourEntry&) = default;
};

// What a look-up found: the next hop's address and LAN, and its adjacency if it is known (kNoAdjacency: to be resolved).
struct NextHop {
  IpAddress address;
  PortId port{};
  std::uint16_t vlan = 0;
  AdjacencyId adjacency = kNoAdjacency;
};

class Routes {
 public:
  Routes() = default;
  // Of several routes to one prefix the first given is used.
  Routes(std::vector<RouteEntry> routes, std::vector<NeighbourEntry> neighbours);

  std::optional<NextHop> find(const IpAddress& destination) const noexcept;
  std::span<const RouteEntry> routes() const { return routes_; }              // longest prefix first
  std::span<const NeighbourEntry> neighbours() const { return neighbours_; }  // sorted by address

 private:
  // Routes of one family and length: sorted, so that a look-up costs one binary search a length.
  struct Group {
    Family family{};
    std::uint8_t length = 0;
    std::size_t begin = 0, end = 0;
  };

  const RouteEntry* longest_match(const IpAddress& destination) const noexcept;
  AdjacencyId adjacency_of(const NextHop& hop) const noexcept;

  std::vector<Group> groups_;
  std::vector<RouteEntry> routes_;
  std::vector<NeighbourEntry> neighbours_;
};

}  // namespace tandem
