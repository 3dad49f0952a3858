// SPDX-License-Identifier: Apache-2.0
// A service's backends by where they stand, for who is told of them by address: the other node of a pair, whose slots are others.
// Those that have left the configuration are among them while they forward. Threads: immutable in a generation.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "dataplane/model/backend.h"

namespace tandem {

class BackendsByAddress {
 public:
  using Place = std::pair<Endpoint, BackendSlot>;

  BackendsByAddress() = default;
  explicit BackendsByAddress(std::vector<Place> places) : places_{std::move(places)} { std::ranges::sort(places_); }

  // kNoBackend: none stands there. One without a port stands at all of them.
  BackendSlot find(const Endpoint& address) const noexcept {
    const BackendSlot found = find_at(address);
    return found == kNoBackend && address.port != 0 ? find_at({address.address, 0}) : found;
  }

 private:
  BackendSlot find_at(const Endpoint& address) const noexcept {
    const auto at = std::ranges::lower_bound(places_, address, {}, &Place::first);
    return at != places_.end() && at->first == address ? at->second : kNoBackend;
  }

  std::vector<Place> places_;  // sorted; no two at one address
};

}  // namespace tandem
