// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/announce.h"

namespace tandem {
void Announcer::generation_changed(const Generation& generation, const std::function<std::vector<config::Lan>(const IpAddress&)>& lans_of) {
  std::set<std::pair<IpAddress, config::Lan>> wanted;
  for (const VipEntry& vip : generation.index->vips()) {
    if (vip.group != kNoGroup) continue;
    for (const config::Lan& lan : lans_of(vip.address)) {
      wanted.emplace(vip.address, lan);
      if (announced_.contains({vip.address, lan})) continue;
      const MacAddress& mac = (*generation.ports)[index(lan.port)].mac;
      pending_.push_back({lan.port, ha::announcement(mac, vip.address, lan.vlan), 1 + kRepeats});
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
