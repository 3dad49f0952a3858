// SPDX-License-Identifier: Apache-2.0
// The panic threshold: when so many backends of a service are down that the rest could not carry it, nobody more is removed. Checks
// that all fail at once are more often wrong than right, and a backend that may answer beats one that was overrun. Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace tandem::verdict {

inline constexpr std::size_t kFewestForPanic = 4;  // below that a single backend is too large a share

struct Place {
  bool in_play = true;  // the operator lets it take connections
  bool down = false;    // by the verdict that holds
  bool out = false;     // was removed as down already, and stays so while it is
};

// By place: down, and stays in service nevertheless. At least `threshold_percent` of those in play remain; 0: no such limit.
std::vector<bool> kept_in_service(const std::vector<Place>& places, unsigned threshold_percent);

}  // namespace tandem::verdict
