// SPDX-License-Identifier: Apache-2.0
// From what is known of the network (the kernel's view of the twins, and what the configuration says for ports without one)
// to routes, neighbours and the LANs a VIP is announced on. Pure functions over plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "controlplane/config/config.h"
#include "dataplane/model/generation.h"

namespace tandem::config {

// A port as it came up; its place is its PortId.
struct PortInput {
  MacAddress mac;
  std::uint16_t mtu_bytes = 1500;
  TwinKind twin = TwinKind::none;
  bool up = true;

  friend bool operator==(const PortInput&, const PortInput&) = default;
};

struct Lan {
  PortId port{};
  std::uint16_t vlan = 0;  // 0: untagged

  friend auto operator<=>(const Lan&, const Lan&) = default;
};

struct LanRoute {
  Prefix prefix;
  std::optional<IpAddress> gateway;  // none: on link
  std::uint32_t metric = 0;          // lower is better

  friend bool operator==(const LanRoute&, const LanRoute&) = default;
};

struct LanNeighbour {
  IpAddress address;
  MacAddress mac;

  friend auto operator<=>(const LanNeighbour&, const LanNeighbour&) = default;
};

struct LanState {
  Lan lan;
  std::vector<Prefix> addresses;  // the node's own
  std::vector<LanRoute> routes;
  std::vector<LanNeighbour> neighbours;  // resolved ones alone
};

struct Network {
  std::vector<LanState> lans;
};

// An address somebody must answer for on a LAN: a backend or a gateway.
struct NextHopKey {
  IpAddress address;
  Lan lan;

  friend auto operator<=>(const NextHopKey&, const NextHopKey&) = default;
};

struct Neighbour {
  NextHopKey key;
  MacAddress mac;

  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

// The kernel's view and the operator's word together; where both name an address, the operator's stands.
Network with_static_parts(const Network& kernel, std::span<const Port> ports);

// Connected prefixes and routes, best first among equal prefixes: over a port that is up, then by metric.
std::vector<RouteEntry> route_entries(const Network& network, std::span<const PortInput> ports);

std::vector<Neighbour> neighbours_of(const Network& network);  // sorted by key, one each

// The LANs whose own prefix holds the VIP, or all of them when none does. With `among` (those where the VIP's group has a
// VRID) no others count.
std::vector<Lan> announced_on(const Network& network, std::span<const Port> ports, const IpAddress& vip, std::span<const Lan> among = {});

// The nodes' own addresses and routers'. A prefix of VIPs that holds one does not have it: the file is refused for those that it
// shows, but what the kernel knows is seen only here.
std::vector<IpAddress> answering_for_themselves(const Network& network, std::span<const Port> ports);

}  // namespace tandem::config
