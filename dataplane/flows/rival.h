// SPDX-License-Identifier: Apache-2.0
// Two connections of one client's end and VIP to two backends: both nodes had the group, because neither heard the other. Which of
// them the client still uses (ha.md): who has shaken hands beats who has not, then who was heard later; at the same moment who saw it
// begin beats who met it midway and guessed, then the later order. Pure.
#pragma once

#include <cstdint>

#include "dataplane/conn/sync_record.h"

namespace tandem {

// Idle times are told in seconds, and each node rounds by a clock of its own: less than this apart is the same moment.
inline constexpr std::uint32_t kSameMomentSeconds = 1;

struct Rival {
  ConnOrder order;
  bool guessed = false;  // met in mid-flow, and given what the schedule says
  bool waits = false;    // for its handshake
  std::uint32_t heard_seconds = 0;
};

constexpr bool prevails(const Rival& one, const Rival& other) noexcept {
  if (one.waits != other.waits) return other.waits;
  if (one.heard_seconds > other.heard_seconds + kSameMomentSeconds) return true;
  if (other.heard_seconds > one.heard_seconds + kSameMomentSeconds) return false;
  return one.guessed != other.guessed ? other.guessed : one.order > other.order;
}

}  // namespace tandem
