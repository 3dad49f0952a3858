// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/facts.h"

namespace tandem::sync {
namespace {

std::string range(std::uint8_t low, std::uint8_t high) {
  return low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

}  // namespace

std::string to_string(const KeyState& state) {
  switch (state.kind) {
    case KeyState::Kind::agree:
      return "keys agree";
    case KeyState::Kind::mismatch:
      return "peer uses " + to_string(state.theirs) + ", we use " + to_string(state.ours);
    default:
      return "no word of the peer's key yet";
  }
}

std::string to_string(const VersionState& state) {
  switch (state.kind) {
    case VersionState::Kind::agree:
      return "versions agree";
    case VersionState::Kind::none_in_common:
      return "peer speaks version " + range(state.their_min, state.their_max) + ", we speak " + range(state.our_min, state.our_max);
    default:
      return "no word of the peer's version yet";
  }
}

}  // namespace tandem::sync
