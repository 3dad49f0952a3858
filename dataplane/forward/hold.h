// SPDX-License-Identifier: Apache-2.0
// What becomes of a packet that waits for its next hop's MAC. It was translated already: only the Ethernet header is missing.
#pragma once

#include <optional>

#include "dataplane/model/generation.h"
#include "dataplane/packet/batch.h"

namespace tandem {

// hold: not known yet. transmit: complete, send it by `port`. drop: it never will be, for `reason`.
struct Release {
  Verdict verdict = Verdict::hold;
  PortId port{};
  DropReason reason{};
};

Release release_held(const Generation& generation, const Held& held) noexcept;

// Whose MAC the packet waits for: what WorkerEventKind::neighbour_wanted asks. None: there is no route.
std::optional<NextHop> awaited_neighbour(const Generation& generation, const Held& held) noexcept;

}  // namespace tandem
