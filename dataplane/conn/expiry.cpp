// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/expiry.h"

#include <emmintrin.h>

#include <algorithm>

#include "common/base/ensure.h"

namespace tandem {
namespace {

constexpr std::size_t kMaskSlots = 64;  // one mask's worth: whole ones are read, so the array is rounded up to them

// Two sweeps over one slot lie at most this far apart, and so far a signed 16-bit difference is right.
static_assert(2 * Expiry::kMaxTicksPerSweep <= 32768);

// A bit for each of 16 deadlines that lies at or before now: now - deadline is not negative as a signed 16-bit number.
unsigned due_of_16(const std::uint16_t* deadlines, __m128i now) noexcept {
  const auto* words = reinterpret_cast<const __m128i*>(deadlines);
  const __m128i low = _mm_sub_epi16(now, _mm_load_si128(words)), high = _mm_sub_epi16(now, _mm_load_si128(words + 1));
  return ~static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(low, high))) & 0xffff;
}

}  // namespace

std::size_t Expiry::bytes_for(std::size_t slots) noexcept {
  return (slots + kMaskSlots - 1) / kMaskSlots * kMaskSlots * sizeof(std::uint16_t);
}

Expiry::Expiry(std::size_t slots, MemoryBlock memory, Tick start) noexcept
    : slots_{slots}, next_{slots}, tick_{start}, sweep_began_{start}, memory_{std::move(memory)} {
  ensure(memory_.bytes() >= bytes_for(slots));
  deadlines_ = static_cast<std::uint16_t*>(memory_.start());
  std::fill_n(deadlines_, bytes_for(slots) / sizeof *deadlines_, static_cast<std::uint16_t>(start + kMaxIdleTicks));
}

Tick Expiry::advance(Tick real) noexcept {
  if (static_cast<std::int32_t>(real - tick_) > 0) {
    const Tick limit = sweep_began_ + kMaxTicksPerSweep;
    tick_ = real - sweep_began_ > kMaxTicksPerSweep ? limit : real;
  }
  return tick_;
}

void Expiry::arm(ConnHandle handle, std::uint16_t idle_ticks) noexcept {
  deadlines_[index(handle)] = static_cast<std::uint16_t>(tick_ + std::min(idle_ticks, kMaxIdleTicks));
}

bool Expiry::begin_slice() noexcept {
  if (next_ < slots_) return true;
  if (tick_ == sweep_began_) return false;
  next_ = 0;
  sweep_began_ = tick_;
  return true;
}

std::uint64_t Expiry::due_mask(std::size_t from, std::size_t count) const noexcept {
  const __m128i now = _mm_set1_epi16(static_cast<short>(tick_));
  std::uint64_t due = 0;
  for (std::size_t i = 0; i < kMaskSlots; i += 16) due |= std::uint64_t{due_of_16(deadlines_ + from + i, now)} << i;
  return count >= kMaskSlots ? due : due & ((std::uint64_t{1} << count) - 1);
}

std::uint16_t Expiry::ticks_until_idle(std::uint16_t last_seen, std::uint16_t idle_timeout) const noexcept {
  const auto idle = static_cast<std::uint16_t>(tick_ - last_seen);
  return idle >= idle_timeout ? std::uint16_t{0} : static_cast<std::uint16_t>(idle_timeout - idle);
}

}  // namespace tandem
