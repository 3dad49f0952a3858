// SPDX-License-Identifier: Apache-2.0
// Whose packet a frame is, told from the world that a test describes and not from what the pipeline makes of it.
#pragma once

#include <string>

#include "dataplane/packet/packet.h"
#include "tests/support/world.h"

namespace tandem::test {

struct CellRow {
  std::string name;  // "nat/4/client/"; empty: no service's packet
  const char* kind = "";
};

// Relies on what parse found.
CellRow row_of(const World& world, const Packet& packet);

}  // namespace tandem::test
