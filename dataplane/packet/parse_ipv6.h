// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// Relies on l3_offset. Walks hop-by-hop options, routing, destination options and AH up to what they lead to.
void parse_ipv6(Packet& packet) noexcept;

inline constexpr std::uint8_t kFragmentHeader = 44;
inline constexpr std::size_t kFragmentHeaderBytes = 8;

bool is_walked(std::uint8_t header) noexcept;  // one of those that are stepped over

// From the header that `protocol` and l4_offset name to the one that is not stepped over: a transport's, a fragment's, or another.
// False: a header is out of place, too many, or not whole before `end` (from frame).
bool walk_extensions(Packet& packet, std::size_t end) noexcept;

}  // namespace tandem
