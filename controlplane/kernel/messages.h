// SPDX-License-Identifier: Apache-2.0
// Reads route netlink messages into values; sockets are elsewhere, so tests can hand in bytes. A message that is truncated,
// or of a kind that Tandem has no use for (other tables, multicast, proxies), gives nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <linux/netlink.h>

#include "controlplane/kernel/network_view.h"

namespace tandem {

struct LinkMessage {
  int interface_index = 0;
  std::string name;
  std::optional<MacAddress> mac;  // Ethernet alone
  std::uint32_t mtu_bytes = 0;
  bool up = false, carrier = false;
  int parent_index = 0;  // of a VLAN interface: what it stands on; else 0
  std::uint16_t vlan = 0;

  friend bool operator==(const LinkMessage&, const LinkMessage&) = default;
};

struct AddressMessage {
  int interface_index = 0;
  Prefix address;

  friend auto operator<=>(const AddressMessage&, const AddressMessage&) = default;
};

struct RouteMessage {
  int interface_index = 0;
  KernelRoute route;

  friend auto operator<=>(const RouteMessage&, const RouteMessage&) = default;
};

struct NeighbourMessage {
  int interface_index = 0;
  KernelNeighbour neighbour;
};

// False: what is left of a datagram holds no whole message. mnl_nlmsg_ok compares lengths as int, so it takes 2^31 for a small one.
inline bool is_whole(const nlmsghdr* message, int left) {
  return left >= static_cast<int>(sizeof *message) && message->nlmsg_len >= sizeof *message &&
         message->nlmsg_len <= static_cast<unsigned>(left);
}

std::optional<LinkMessage> read_link(const nlmsghdr& message);
std::optional<AddressMessage> read_address(const nlmsghdr& message);
std::vector<RouteMessage> read_route(const nlmsghdr& message);  // one for each next hop
std::optional<NeighbourMessage> read_neighbour(const nlmsghdr& message);

}  // namespace tandem
