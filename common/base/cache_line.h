// SPDX-License-Identifier: Apache-2.0
// The unit that memory moves in, and what the packet path is counted in.
#pragma once

#include <cstddef>

namespace tandem {

inline constexpr std::size_t kCacheLineBytes = 64;

inline void prefetch(const void* address) noexcept { __builtin_prefetch(address, 0, 3); }
inline void prefetch_for_write(const void* address) noexcept { __builtin_prefetch(address, 1, 3); }

}  // namespace tandem
