// SPDX-License-Identifier: Apache-2.0
// The checks that ask backends for a VIP (`via = "vip"`): which VIP, and by which mark the node's kernel tells one VIP from another
// where several are asked for at one server. Arithmetic on the configuration, so that who asks and who sends agree.
#pragma once

#include <vector>

#include "controlplane/config/config.h"

namespace tandem::config {

struct VipCheck {
  const Service* service = nullptr;
  const Backend* backend = nullptr;
  std::size_t listen = 0;  // whose address is the VIP: the first of the backend's family
  std::uint8_t mark = 0;   // a DSCP, the backend address's own; 0: none was left

  const IpAddress& vip() const { return service->listen[listen].address; }
  std::uint16_t port() const { return service->check.port.value_or(backend->address.port); }
};

inline constexpr std::size_t kMostVipChecksOfOneAddress = 63;

bool asks_for_vip(const Service& service);
std::vector<VipCheck> vip_checks(const Config& config);  // in the configuration's order; without those that have no VIP of their family

}  // namespace tandem::config
