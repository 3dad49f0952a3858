// SPDX-License-Identifier: Apache-2.0
// The packet that a question is about, as it would come: from the LAN that its source is routed to, to the MAC that its target
// is answered with there. Threads: any; allocates.
#pragma once

#include <vector>

#include "dataplane/conn/explained.h"
#include "dataplane/model/generation.h"

namespace tandem {

struct Probe {
  PortId port{};
  std::uint16_t vlan = 0;
  std::vector<std::uint8_t> frame;
};

Probe make_probe(const Generation& generation, const FlowQuestion& question, std::uint8_t tcp_flags);

}  // namespace tandem
