// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/vip_checks.h"

#include <algorithm>

namespace tandem::config {
namespace {

// Pool 2 of RFC 2474 first, xxxx11, which is for local use; then the others, each once.
std::uint8_t mark_of(std::size_t place) {
  constexpr std::size_t kOfPool2 = 16;
  if (place < kOfPool2) return static_cast<std::uint8_t>(4 * place + 3);
  const std::size_t other = place - kOfPool2;
  return place < kMostVipChecksOfOneAddress ? static_cast<std::uint8_t>(other + 1 + (other + 1) / 3) : 0;
}

}  // namespace

bool asks_for_vip(const Service& service) { return service.check.via == CheckVia::vip && service.check.type != CheckType::none; }

std::vector<VipCheck> vip_checks(const Config& config) {
  std::vector<VipCheck> out;
  std::map<IpAddress, std::size_t> of_address;
  for (const Service& service : config.service) {
    if (!asks_for_vip(service)) continue;
    for (const Backend& backend : service.backend) {
      const IpAddress& address = backend.address.address;
      const auto vip = std::ranges::find_if(service.listen, [&](const Listen& each) { return each.address.family == address.family; });
      if (vip == service.listen.end()) continue;
      out.push_back({&service, &backend, static_cast<std::size_t>(vip - service.listen.begin()), mark_of(of_address[address]++)});
    }
  }
  return out;
}

}  // namespace tandem::config
