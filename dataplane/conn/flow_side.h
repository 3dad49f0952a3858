// SPDX-License-Identifier: Apache-2.0
// How the connections of a pair are divided for comparing them (flow_sums.h): by whose they are, and by a hash of their tuple.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tandem {

enum class FlowSide : std::uint8_t { own, held };  // in groups that are active here; that are on the peer

inline constexpr std::size_t kFlowBuckets = 32768;  // a side

}  // namespace tandem
