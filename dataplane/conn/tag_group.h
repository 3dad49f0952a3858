// SPDX-License-Identifier: Apache-2.0
// The tags of one group of entries: a byte of hash for each of 15 slots (0: free), and how many entries passed this group over
// because it was full. Compared 16 at a time (SSE2, part of every x86-64). After Meta's F14 (2019).
#pragma once

#include <emmintrin.h>

#include <array>
#include <bit>
#include <cstdint>

namespace tandem {

inline constexpr unsigned kGroupSlots = 15;

struct alignas(16) TagGroup {
  std::array<std::uint8_t, kGroupSlots> tag;
  std::uint8_t overflow;

  // A bit for each slot that holds `wanted`; 0 finds the free ones.
  std::uint16_t matching(std::uint8_t wanted) const noexcept {
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(this));
    const int equal = _mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8(static_cast<char>(wanted))));
    return static_cast<std::uint16_t>(equal & 0x7fff);
  }
};
static_assert(sizeof(TagGroup) == 16);

inline unsigned lowest_slot(unsigned matches) noexcept { return static_cast<unsigned>(std::countr_zero(matches)); }

// The low bits: the first group is chosen by the high bits of the hash's low half, so the tag tells its group's entries apart.
inline std::uint8_t tag_of(std::uint64_t hash) noexcept {
  const auto low = static_cast<std::uint8_t>(hash);
  return low == 0 ? 1 : low;
}

}  // namespace tandem
