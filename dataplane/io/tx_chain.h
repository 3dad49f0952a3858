// SPDX-License-Identifier: Apache-2.0
// For ports whose driver sends the first segment of a chain alone: chains are joined before they are handed to it.
// Threads: whoever owns the buffers.
#pragma once

#include <cstdint>

struct rte_mbuf;

namespace tandem {

// The first n of `burst` have one segment afterwards, and n is returned. Behind them is what no buffer can hold in one piece.
std::uint16_t join_segments(rte_mbuf** burst, std::uint16_t count) noexcept;

}  // namespace tandem
