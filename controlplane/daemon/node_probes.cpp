// SPDX-License-Identifier: Apache-2.0
// Checks that ask backends for their VIP: the node's kernel is told where each goes, before healthd is told to ask.
#include "controlplane/config/vip_checks.h"
#include "controlplane/daemon/node.h"

namespace tandem {

std::vector<VipProbe> Node::vip_probes(const Generation& next) const {
  std::vector<VipProbe> out;
  for (const config::VipCheck& check : config::vip_checks(config_)) {
    const auto slots = builder_->slots_of(check.service->name, check.backend->name);  // one a listen entry
    if (check.listen >= slots.size()) continue;
    VipProbe probe{check.backend->address.address, check.mark, check.vip(), check.port()};
    if (is_tunnelled(check.service->forwarding) && next.tunnels) {
      const std::size_t slot = index(slots[check.listen]);
      if (slot >= next.tunnels->size() || (*next.tunnels)[slot].bytes == 0) continue;  // it cannot be reached yet
      probe.tunnel = (*next.tunnels)[slot];
    }
    out.push_back(probe);
  }
  return out;
}

// A configuration whose checks cannot be sent is refused: they would all fail, and take their backends out.
Result<> Node::open_probes(const config::Config& next) { return config::vip_checks(next).empty() ? Result<>{} : kernel_->open_probes(); }

}  // namespace tandem
