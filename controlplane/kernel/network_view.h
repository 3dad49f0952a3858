// SPDX-License-Identifier: Apache-2.0
// What the kernel says about the interfaces beside our ports, as plain values: input of the generation's routes, neighbours
// and node addresses. The mirror (mirror.h) hands a whole new view to its callback at most every 10 ms; ports without a
// twin get theirs from the configuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"

namespace tandem {

struct KernelRoute {
  Prefix prefix;                     // 0.0.0.0/0 and ::/0 included
  std::optional<IpAddress> gateway;  // none: on link; may be of the other family (RFC 5549)
  std::uint32_t metric = 0;          // lower is better among equal prefixes

  friend auto operator<=>(const KernelRoute&, const KernelRoute&) = default;
};

enum class NeighbourState : std::uint8_t {
  unresolved,  // asked for, no answer yet or none at all: mac is not to be used
  reachable,   // confirmed lately
  stale,       // was right once, and stays in use until the kernel hears otherwise
  fixed,       // set by the operator
};

struct KernelNeighbour {
  IpAddress address;
  MacAddress mac;
  NeighbourState state = NeighbourState::unresolved;
  bool managed = false;  // the kernel keeps it resolved because somebody asked it to (NTF_EXT_MANAGED)

  bool usable() const { return state != NeighbourState::unresolved; }
  friend auto operator<=>(const KernelNeighbour&, const KernelNeighbour&) = default;
};

// One LAN: the interface beside a port, or a VLAN interface on top of it.
struct LanView {
  PortId port{};
  std::uint16_t vlan = 0;  // 0: the untagged interface
  int interface_index = 0;
  std::string interface;
  MacAddress mac;
  std::uint32_t mtu_bytes = 0;
  bool up = false;  // set up by the operator
  bool carrier = false;
  std::vector<Prefix> addresses;    // all lists are sorted
  std::vector<KernelRoute> routes;  // main table, unicast
  std::vector<KernelNeighbour> neighbours;

  friend bool operator==(const LanView&, const LanView&) = default;
};

struct NetworkView {
  std::vector<LanView> lans;              // sorted by port, then VLAN
  std::vector<IpAddress> node_addresses;  // every address of this kernel on any interface, sorted

  friend bool operator==(const NetworkView&, const NetworkView&) = default;
};

}  // namespace tandem
