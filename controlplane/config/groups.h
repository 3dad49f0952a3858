// SPDX-License-Identifier: Apache-2.0
// Which addresses move together between the two nodes, on which LANs, and by which MACs: the [[group]]s of a configuration,
// with names of ports resolved to their ids. Plain values, made anew with each configuration. Threads: one control thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "controlplane/config/config.h"
#include "controlplane/config/resolve.h"
#include "controlplane/config/virtual_mac.h"
#include "dataplane/model/group.h"

namespace tandem::config {

struct GroupLan {
  Lan lan;
  std::uint8_t vrid = 0;
  bool virtual_mac = true;  // false: the group is reached there by the port's own MAC

  friend bool operator==(const GroupLan&, const GroupLan&) = default;
};

struct ResolvedGroup {
  std::string name, prefer;
  Transit transit = Transit::drop;
  std::vector<GroupLan> lans;        // sorted
  std::vector<IpAddress> addresses;  // VIPs (of prefixes those announced), gateways and pool addresses, sorted, one each
  std::vector<IpAddress> gateways;
  std::vector<IpAddress> of_prefixes;  // those of `addresses` that only a prefix has, sorted

  std::vector<Lan> lan_list() const;
  friend bool operator==(const ResolvedGroup&, const ResolvedGroup&) = default;
};

class Groups {
 public:
  Groups() = default;
  explicit Groups(const Config& config);

  std::span<const ResolvedGroup> all() const { return groups_; }  // by GroupId
  bool empty() const { return groups_.empty(); }
  GroupId of(const IpAddress& address) const;  // kNoGroup: of none
  GroupId find(std::string_view name) const;   // kNoGroup: there is none
  std::vector<VirtualMac> virtual_macs(PortId port) const;
  friend bool operator==(const Groups&, const Groups&) = default;

 private:
  std::vector<ResolvedGroup> groups_;
  std::map<IpAddress, GroupId> of_;
};

}  // namespace tandem::config
