// SPDX-License-Identifier: Apache-2.0
#include "dataplane/model/nat_backends.h"

#include <algorithm>
#include <tuple>

namespace tandem {

NatBackends one_entry_each(std::vector<NatBackendEntry> given) {
  const auto key = [](const NatBackendEntry& entry) { return std::tuple{entry.address, entry.protocol, entry.port}; };
  std::ranges::stable_sort(given, {}, key);
  NatBackends out;
  for (auto at = given.begin(); at != given.end();) {
    const auto end = std::find_if(at, given.end(), [&](const NatBackendEntry& entry) { return key(entry) != key(*at); });
    NatBackendEntry& entry = out.entries.emplace_back(*at);
    if (end - at > 1) {
      entry.service = kNoService;
      entry.first_sharer = static_cast<std::uint32_t>(out.sharers.size()), entry.sharers = static_cast<std::uint32_t>(end - at);
      for (auto each = at; each != end; ++each) entry.groups |= each->groups, out.sharers.push_back({each->service, each->slot});
    }
    at = end;
  }
  return out;
}

}  // namespace tandem
