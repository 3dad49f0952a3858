// SPDX-License-Identifier: Apache-2.0
// Ends connections that have been idle for too long. One 16-bit deadline per slot, apart from the entries, so that looking for
// those that are due reads 2 bytes a connection; a packet never writes here. A deadline that comes due is checked against the
// entry's last_seen and set anew if the connection was not idle after all. One sweep over the table per tick at most, in slices.
// Threads: the owning worker alone.
//
// Wrap: 16 bits of 1 s ticks are 18 h. A deadline set at s is s+1 … s+32767, and is compared as a signed 16-bit difference, which is
// right while it is looked at again by s+32768. So the clock handed to everybody on the worker is ours: it never runs more than
// 16384 ticks past the start of a sweep that has not ended; two sweeps then lie within 32768. Only a worker that was stopped for
// 4.5 h notices, and its connections were not idle by their own doing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dataplane/conn/memory.h"
#include "dataplane/conn/table.h"

namespace tandem {

using Tick = std::uint32_t;  // kTick each, since any start

inline constexpr std::uint16_t kMaxIdleTicks = 32767;

class Expiry {
 public:
  static constexpr std::size_t kSlice = 512;  // slots looked at per call: 1 kB, read in order
  static constexpr Tick kMaxTicksPerSweep = 16384;

  static std::size_t bytes_for(std::size_t slots) noexcept;
  Expiry(std::size_t slots, MemoryBlock memory, Tick start = 0) noexcept;

  // Once per loop. The tick to use until the next call, equal to `real` unless the worker was stopped for hours.
  Tick advance(Tick real) noexcept;
  Tick tick() const noexcept { return tick_; }

  void prefetch(ConnHandle handle) const noexcept { prefetch_for_write(deadlines_ + index(handle)); }

  // For a new entry, and whenever an entry's idle_timeout changed. Idle times over kMaxIdleTicks are cut to it.
  void arm(ConnHandle handle, std::uint16_t idle_ticks) noexcept;

  // One slice of the sweep; nothing to do once the sweep of this tick has ended. Calls expire(Entry&) for each entry that was idle
  // for its whole time; the caller counts and erases it (entries it leaves alone come again in one idle time, or when it arms them for).
  // Returns entries expired.
  template <typename Entry, typename Expire>
  std::size_t sweep(ConnTable<Entry>& table, Expire&& expire) noexcept;

 private:
  bool begin_slice() noexcept;                                                 // false: this tick's sweep has ended
  std::uint64_t due_mask(std::size_t from, std::size_t count) const noexcept;  // bit i: slot from + i is due; count <= 64
  template <typename Visit>
  void visit_due(std::uint64_t due, const Visit& visit) const noexcept {
    for (; due != 0; due &= due - 1) visit(ConnHandle{static_cast<std::uint32_t>(next_ + static_cast<std::size_t>(__builtin_ctzll(due)))});
  }
  std::uint16_t ticks_until_idle(std::uint16_t last_seen, std::uint16_t idle_timeout) const noexcept;  // 0: idle for its whole time

  std::uint16_t* deadlines_ = nullptr;
  std::size_t slots_ = 0, next_ = 0;
  Tick tick_, sweep_began_;
  MemoryBlock memory_;
};

template <typename Entry, typename Expire>
std::size_t Expiry::sweep(ConnTable<Entry>& table, Expire&& expire) noexcept {
  if (!begin_slice()) return 0;
  std::size_t expired = 0;
  const std::size_t end = next_ + kSlice < slots_ ? next_ + kSlice : slots_;
  for (; next_ < end; next_ += 64) {
    const std::uint64_t due = due_mask(next_, end - next_ < 64 ? end - next_ : 64);
    visit_due(due, [&](ConnHandle handle) { table.prefetch_end(handle); });  // all at once, so that their misses overlap
    visit_due(due, [&](ConnHandle handle) {
      Entry* entry = table.at(handle);
      const std::uint16_t timeout = entry == nullptr ? kMaxIdleTicks : table.detail(*entry).idle_timeout;
      const std::uint16_t left = entry == nullptr ? kMaxIdleTicks : ticks_until_idle(entry->last_seen, timeout);
      arm(handle, left != 0 ? left : timeout);
      if (left == 0) expire(*entry), ++expired;
    });
  }
  if (next_ > end) next_ = end;
  return expired;
}

}  // namespace tandem
