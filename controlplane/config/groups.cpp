// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/groups.h"

#include <algorithm>
#include <iterator>

#include "controlplane/config/announced.h"

namespace tandem::config {
namespace {

std::vector<GroupLan> lans_of(const Group& group, const Config& config) {
  std::vector<GroupLan> lans;
  const GroupMac usual = config.ha.value_or(Ha{}).mac;
  for (std::size_t i = 0; i < config.port.size(); ++i)
    for (const auto& [name, vrid] : group.vrid) {
      if (name.port != config.port[i].name) continue;
      const bool is_virtual = config.port[i].group_mac.value_or(usual) == GroupMac::virtual_mac;
      lans.push_back({{static_cast<PortId>(i), name.vlan}, vrid, is_virtual});
    }
  return lans;  // the map is sorted by port name and VLAN, and a port has one name
}

void sort_unique(std::vector<IpAddress>& addresses) {
  std::ranges::sort(addresses);
  const auto doubled = std::ranges::unique(addresses);
  addresses.erase(doubled.begin(), doubled.end());
}

std::vector<IpAddress> single_addresses(const Group& group, const Config& config) {
  std::vector<IpAddress> addresses;
  for (const Prefix& gateway : group.gateway) addresses.push_back(gateway.address);
  for (const IpAddress& pool : group.pool) addresses.push_back(pool);
  for (const Service& service : config.service)
    if (service.group == group.name)
      for (const Listen& listen : service.listen)
        if (listen.host_bits == 0) addresses.push_back(listen.address);
  sort_unique(addresses);
  return addresses;
}

std::vector<IpAddress> addresses_of_prefixes(const Group& group, const Config& config, const std::vector<IpAddress>& single) {
  std::vector<IpAddress> addresses;
  for (const Service& service : config.service)
    if (service.group == group.name)
      for (const Listen& listen : service.listen)
        if (listen.host_bits != 0) std::ranges::copy(announced_addresses(listen.prefix()), std::back_inserter(addresses));
  sort_unique(addresses);
  std::erase_if(addresses, [&](const IpAddress& address) { return std::ranges::binary_search(single, address); });
  return addresses;
}

}  // namespace

std::vector<Lan> ResolvedGroup::lan_list() const {
  std::vector<Lan> out;
  for (const GroupLan& each : lans) out.push_back(each.lan);
  return out;
}

Groups::Groups(const Config& config) {
  for (const Group& group : config.group) {
    const GroupId id{static_cast<std::uint8_t>(groups_.size())};
    ResolvedGroup& made = groups_.emplace_back(group.name, group.prefer, group.transit);
    made.lans = lans_of(group, config), made.addresses = single_addresses(group, config);
    made.of_prefixes = addresses_of_prefixes(group, config, made.addresses);
    std::ranges::copy(made.of_prefixes, std::back_inserter(made.addresses));
    std::ranges::sort(made.addresses);
    for (const Prefix& gateway : group.gateway) made.gateways.push_back(gateway.address);
    for (const IpAddress& address : made.addresses) of_.emplace(address, id);
  }
}

GroupId Groups::of(const IpAddress& address) const {
  const auto at = of_.find(address);
  return at == of_.end() ? kNoGroup : at->second;
}

GroupId Groups::find(std::string_view name) const {
  const auto at = std::ranges::find(groups_, name, &ResolvedGroup::name);
  return at == groups_.end() ? kNoGroup : GroupId{static_cast<std::uint8_t>(at - groups_.begin())};
}

std::vector<VirtualMac> Groups::virtual_macs(PortId port) const {
  std::vector<VirtualMac> out;
  for (std::size_t i = 0; i < groups_.size(); ++i)
    for (const GroupLan& each : groups_[i].lans) {
      if (each.lan.port != port || !each.virtual_mac) continue;
      for (const Family family : {Family::ipv4, Family::ipv6})
        if (std::ranges::any_of(groups_[i].addresses, [family](const IpAddress& address) { return address.family == family; }))
          out.push_back({virtual_mac(family, each.vrid), each.lan.vlan, static_cast<GroupId>(i)});
    }
  return out;
}

}  // namespace tandem::config
