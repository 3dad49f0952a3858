// SPDX-License-Identifier: Apache-2.0
// What the pair's thread works from: this node, its LANs, the other node on them, and the groups. A plain value that is made
// anew whenever configuration, ports or network changed; whoever holds one compares it with the next.
// A LAN is in it when the peer has an address there, or a group a VRID or (without any VRID) its addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controlplane/config/groups.h"
#include "controlplane/config/resolve.h"

namespace tandem::config {

struct PairView {
  struct Lan {
    PortId port{};
    std::uint16_t vlan = 0;
    std::string name;  // "outside", "inside.20"
    MacAddress mac;    // the node's own
    std::optional<Ipv4Address> own4;
    std::optional<Ipv6Address> own6;    // the link-local one if there is one (RFC 9568 5.1.2.1), else a global one
    std::vector<IpAddress> own, peer;   // all of them
    MacAddress peer_mac;                // all zero: not yet known
    std::vector<IpAddress> witnesses;   // gateways and backends on this LAN: whom we may ask whether we are heard
    bool kernel_takes_answers = false;  // ARP answers to the node's own addresses never reach the workers
    bool up = false;
    std::uint16_t mtu_bytes = 1500;

    friend bool operator==(const Lan&, const Lan&) = default;
  };
  struct GroupLan {
    std::size_t lan = 0;    // place in lans
    std::uint8_t vrid = 0;  // 0: the group has none anywhere, and no VRRP: its addresses are announced where prefixes hold them
    bool virtual_mac = true;
    std::vector<IpAddress> addresses;  // VIPs and gateways announced there, sorted

    friend bool operator==(const GroupLan&, const GroupLan&) = default;
  };
  struct Group {
    std::string name;
    bool preferred = false;  // by this node
    std::vector<GroupLan> lans;

    friend bool operator==(const Group&, const Group&) = default;
  };

  std::string node;
  Ha ha;
  std::string pair_hash;
  std::optional<Sync> sync;
  std::vector<Lan> lans;      // sorted by port, then VLAN
  std::vector<Group> groups;  // by GroupId

  std::uint16_t udp_port() const { return sync ? sync->port : kPairPort; }

  friend bool operator==(const PairView&, const PairView&) = default;
};

// What the configuration says of the pair beyond its groups and ports.
struct PairConfig {
  std::string node, pair_hash;
  Ha ha;
  std::optional<Sync> sync;
};
PairConfig pair_config(const Config& config);

struct PairSurroundings {
  std::span<const Port> ports;  // as configured, and as they came up
  std::span<const PortInput> inputs;
  const Network& network;
  std::span<const NextHopKey> wanted;  // backends on link, gateways, peers
};
PairView pair_view(const PairConfig& config, const Groups& groups, const PairSurroundings& around);

// The other node on every LAN of the ports, as far as neighbours are known.
std::vector<PeerOnLan> peers_on(const Port& config, PortId port, const Network& network);

}  // namespace tandem::config
