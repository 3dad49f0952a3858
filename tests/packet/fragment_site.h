// SPDX-License-Identifier: Apache-2.0
// Datagrams in fragments, as whoever sends them cuts them (RFC 791 3.2, RFC 8200 4.5).
#pragma once

#include <cstdint>
#include <vector>

#include "tests/packet/site.h"

namespace tandem::test {

// Cut so that each but the last holds `bytes` (a multiple of 8) of what is behind the IP header. Relies on an untagged frame without
// IPv6 extension headers.
std::vector<Bytes> fragments_of(const Frame& whole, std::size_t bytes, std::uint32_t id = 1);

// The same fragments in another order.
std::vector<Bytes> last_first(std::vector<Bytes> fragments);
std::vector<Bytes> shuffled(std::vector<Bytes> fragments, std::uint32_t seed);

Lines leave(PortId port, const std::vector<Bytes>& frames);  // each of them, as Outcome::lines() spells it
Lines sorted(Lines lines);

}  // namespace tandem::test
