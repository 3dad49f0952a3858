// SPDX-License-Identifier: Apache-2.0
// Whether a frame passes a filter: libpcap's interpreter, because rte_bpf's compiler gave wrong results (design.md). 20 to 30 ns.
// Threads: pure.
#pragma once

#include <span>

#include "common/base/result.h"
#include "dataplane/observe/sighting.h"

namespace tandem {

inline constexpr std::size_t kFilterStepsMost = 512;  // so that a packet costs a worker some µs at most

// Jumps lead forward and inside, memory is where it may be: then a program ends, and reads nothing but the frame.
Result<> judge_filter(const FilterProgram& program);

// `readable`: the first bytes of a frame of so many. Relies on judge_filter.
bool passes(const FilterProgram& program, std::span<const std::uint8_t> readable, std::uint32_t frame_bytes) noexcept;

}  // namespace tandem
