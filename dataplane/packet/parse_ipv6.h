// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// Relies on l3_offset. Walks hop-by-hop options, routing, destination options and AH up to what they lead to.
void parse_ipv6(Packet& packet) noexcept;

}  // namespace tandem
