// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/announce.h"

#include "controlplane/config/announced.h"

namespace tandem {
namespace {

std::vector<IpAddress> ungrouped(const VipIndex& index) {
  std::vector<IpAddress> out;
  for (const VipEntry& vip : index.vips())
    if (vip.group == kNoGroup) out.push_back(vip.address);
  for (const VipEntry& vip : index.vip_prefixes())
    if (vip.group == kNoGroup)
      for (const IpAddress& address : config::announced_addresses(vip.prefix()))
        if (index.find_vip(address) == &vip) out.push_back(address);
  return out;
}

}  // namespace

void Announcer::generation_changed(const Generation& generation, const std::function<std::vector<config::Lan>(const IpAddress&)>& lans_of) {
  std::set<std::pair<IpAddress, config::Lan>> wanted;
  for (const IpAddress& vip : ungrouped(*generation.index)) {
    for (const config::Lan& lan : lans_of(vip)) {
      wanted.emplace(vip, lan);
      if (announced_.contains({vip, lan})) continue;
      const MacAddress& mac = (*generation.ports)[index(lan.port)].mac;
      pending_.push_back({lan.port, ha::announcement(mac, vip, lan.vlan), 1 + kRepeats});
    }
  }
  announced_ = std::move(wanted);
  if (!pending_.empty() && !timer_.active()) burst();
}

void Announcer::burst() {
  for (Pending& each : pending_) send_(each.port, each.frame), --each.left;
  std::erase_if(pending_, [](const Pending& each) { return each.left == 0; });
  timer_ = pending_.empty() ? Loop::Handle{} : loop_.after(kApart, [this] { burst(); });
}

}  // namespace tandem
