// SPDX-License-Identifier: Apache-2.0
// The index of what packets name: VIPs, what services listen on, whose replies are whose.
#include <algorithm>
#include <map>

#include "controlplane/config/build.h"
#include "dataplane/model/nat_backends.h"

namespace tandem::config {
namespace {

// One-way only if whatever a packet to it may be of is: where an address has no such port, a prefix around it may.
void widen(std::map<Prefix, VipEntry>& vips) {
  std::vector<VipEntry> two_way;
  for (const auto& [prefix, vip] : vips)
    if (vip.is_prefix() && vip.flags == 0) two_way.push_back(vip);
  for (auto& [prefix, vip] : vips)
    for (const VipEntry& around : two_way)
      if (around.prefix().contains(prefix.address)) vip.flags = static_cast<std::uint8_t>(vip.flags & ~kVipOneWay);
}

// A reply may be of the service that has the backend, or of who borrowed it.
void add_nat_backends(const ServiceRecord& record, const NatUser& user, std::vector<NatBackendEntry>& given) {
  for (const Member& member : record.members())
    if (member.serves()) given.push_back(nat_backend_of(user, member.address, member.slot));
}

Prefix alone(const IpAddress& address) { return {address, static_cast<std::uint8_t>(address.bits())}; }

}  // namespace

void GenerationBuilder::build_index() {
  std::map<Prefix, VipEntry> vips_of;
  std::vector<ListenEntry> listens;
  std::vector<NatBackendEntry> backends;
  const std::multimap<ServiceId, ServiceId> borrowers = borrowers_by_lender();
  for (const auto& record : services_) {
    if (record == nullptr || !record->reachable()) continue;
    const Listen& listen = record->listen();
    VipEntry& vip =
        vips_of.try_emplace(listen.prefix(), VipEntry{listen.address, kVipOneWay, kNoGroup, kNoPool, listen.host_bits}).first->second;
    if (!is_one_way(record->method())) vip.flags = 0;
    if (vip.group == kNoGroup) vip.group = group_of(*record);
    if (vip.group != kNoGroup) vip.flags = 0;  // after a failover other queues receive its flows: only the hash finds them
    if (record->configured())
      listens.push_back({listen.address, listen.protocol, listen.port, record->id(), listen.more_ports, listen.host_bits});
    if (record->method() != ForwardingMethod::nat) continue;
    add_nat_backends(*record, nat_user(*record), backends);
    const auto [first, end] = borrowers.equal_range(record->id());
    for (auto at = first; at != end; ++at) add_nat_backends(*record, nat_user(*services_[index(at->second)]), backends);
  }
  for (const ResolvedGroup& group : groups_.all())
    for (const IpAddress& gateway : group.gateways) vips_of.try_emplace(alone(gateway), VipEntry{gateway, 0, groups_.of(gateway)});
  for (const VipEntry& pool : pools_.entries(groups_)) vips_of.insert_or_assign(alone(pool.address), pool);
  widen(vips_of);
  std::vector<VipEntry> vips;
  for (const auto& [prefix, vip] : vips_of) vips.push_back(vip);
  NatBackends shared = one_entry_each(std::move(backends));
  last_.index = std::make_shared<const VipIndex>(vips, listens, shared.entries, std::move(shared.sharers),
                                                 answering_for_themselves(network_, port_configs_));
}

NatUser GenerationBuilder::nat_user(const ServiceRecord& record) const {
  const Listen& listen = record.listen();
  return {record.id(), listen.protocol, listen.ports(), listen.host_bits, group_of(record)};
}

// What left the configuration moves with its group until its last connection has ended.
GroupId GenerationBuilder::group_of(const ServiceRecord& record) const {
  const GroupId group = groups_.of(record.listen().address);
  return group == kNoGroup && !record.configured() ? groups_.find(record.group()) : group;
}

}  // namespace tandem::config
