// SPDX-License-Identifier: Apache-2.0
// What the workers know of the pair: groups of VIPs, the MACs these are reached by, and the other node on each LAN.
// Which groups are active here is not in a generation but in Roles, which changes faster than one can be published.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "common/net/address.h"

namespace tandem {

inline constexpr std::size_t kMaxGroups = 16;
inline constexpr GroupId kNoGroup{kMaxGroups};  // a VIP of no group: always ours

// What happens to frames that servers send by way of us to others than clients of a service (ha.md, a way out for servers).
enum class Transit : std::uint8_t { drop, route };

struct GroupView {
  Transit transit = Transit::drop;

  friend bool operator==(const GroupView&, const GroupView&) = default;
};

// A group's MAC on one LAN of the port (RFC 9568 7.3). None where the group uses the port's own MAC.
struct VirtualMac {
  MacAddress mac;
  std::uint16_t vlan = 0;
  GroupId group = kNoGroup;

  friend bool operator==(const VirtualMac&, const VirtualMac&) = default;
};

// The other node on one LAN of the port. One for each of its addresses there.
struct PeerOnLan {
  IpAddress address;
  std::uint16_t vlan = 0;
  MacAddress mac;  // all zero: not yet known

  friend bool operator==(const PeerOnLan&, const PeerOnLan&) = default;
};

}  // namespace tandem
