// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include <linux/rtnetlink.h>

#include "controlplane/kernel/mirror.h"

namespace tandem {
namespace {

bool take_link(KernelTables& tables, const nlmsghdr& message) {
  const auto link = read_link(message);
  if (!link) return false;
  const auto known = tables.links.find(link->interface_index);
  if (message.nlmsg_type == RTM_NEWLINK) {
    if (known != tables.links.end() && known->second == *link) return false;  // statistics and the like
    tables.links[link->interface_index] = *link;
  } else {
    if (known == tables.links.end()) return false;
    tables.links.erase(known);
    std::erase_if(tables.addresses, [&](const auto& each) { return each.interface_index == link->interface_index; });
    std::erase_if(tables.neighbours, [&](const auto& each) { return each.first.first == link->interface_index; });
  }
  tables.routes_stale = true;
  return true;
}

bool take_address(KernelTables& tables, const nlmsghdr& message) {
  const auto address = read_address(message);
  if (!address) return false;
  const bool changed = message.nlmsg_type == RTM_NEWADDR ? tables.addresses.insert(*address).second : tables.addresses.erase(*address) != 0;
  tables.routes_stale |= changed;
  return changed;
}

bool take_neighbour(KernelTables& tables, const nlmsghdr& message) {
  const auto read = read_neighbour(message);
  if (!read) return false;
  const std::pair key{read->interface_index, read->neighbour.address};
  if (message.nlmsg_type == RTM_DELNEIGH) return tables.neighbours.erase(key) != 0;
  const auto [at, added] = tables.neighbours.try_emplace(key, read->neighbour);
  if (added) return true;
  const bool changed = at->second != read->neighbour;
  at->second = read->neighbour;
  return changed;
}

std::optional<PortId> port_of(const std::vector<PortInterface>& ports, const std::string& interface) {
  const auto at = std::find_if(ports.begin(), ports.end(), [&](const auto& each) { return each.interface == interface; });
  return at == ports.end() ? std::nullopt : std::optional{at->port};
}

LanView lan_of(const KernelTables& tables, const LinkMessage& link, PortId port, std::uint16_t vlan) {
  LanView lan{.port = port, .vlan = vlan, .interface_index = link.interface_index, .interface = link.name};
  lan.mac = link.mac.value_or(MacAddress{});
  lan.mtu_bytes = link.mtu_bytes;
  lan.up = link.up;
  lan.carrier = link.carrier;
  for (const auto& each : tables.addresses) {
    if (each.interface_index == link.interface_index) lan.addresses.push_back(each.address);
  }
  for (const auto& each : tables.routes) {
    if (each.interface_index == link.interface_index) lan.routes.push_back(each.route);
  }
  for (auto at = tables.neighbours.lower_bound({link.interface_index, IpAddress{}}); at != tables.neighbours.end(); ++at) {
    if (at->first.first != link.interface_index) break;
    lan.neighbours.push_back(at->second);
  }
  return lan;
}

}  // namespace

bool KernelTables::take(const nlmsghdr& message) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return take_link(*this, message);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return take_address(*this, message);
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      return take_neighbour(*this, message);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return routes_stale = true;
    default:
      return false;
  }
}

NetworkView view_of(const KernelTables& tables, const std::vector<PortInterface>& ports) {
  NetworkView view;
  for (const auto& [number, link] : tables.links) {
    // A port's own interface is its untagged LAN, also when it is a VLAN interface itself.
    if (const auto port = port_of(ports, link.name)) {
      view.lans.push_back(lan_of(tables, link, *port, 0));
    } else if (const auto parent = tables.links.find(link.parent_index); link.vlan != 0 && parent != tables.links.end()) {
      if (const auto below = port_of(ports, parent->second.name)) view.lans.push_back(lan_of(tables, link, *below, link.vlan));
    }
  }
  std::sort(view.lans.begin(), view.lans.end(),
            [](const LanView& a, const LanView& b) { return std::tie(a.port, a.vlan) < std::tie(b.port, b.vlan); });
  for (const auto& each : tables.addresses) view.node_addresses.push_back(each.address.address);
  std::sort(view.node_addresses.begin(), view.node_addresses.end());
  view.node_addresses.erase(std::unique(view.node_addresses.begin(), view.node_addresses.end()), view.node_addresses.end());
  return view;
}

bool differs(const NetworkView& a, const NetworkView& b) {
  const auto plain = [](NetworkView view) {
    for (LanView& lan : view.lans) {
      for (KernelNeighbour& each : lan.neighbours) {
        each.managed = false;
        if (each.state == NeighbourState::stale) each.state = NeighbourState::reachable;
      }
    }
    return view;
  };
  return plain(a) != plain(b);
}

}  // namespace tandem
