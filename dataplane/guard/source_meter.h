// SPDX-License-Identifier: Apache-2.0
// How much each client's address has used of the limits that services set to sources. One array of fixed size for all workers,
// because a client's connections are spread over them; a cell is one word (a tag, and the time at which its bucket would be full
// again), a row of eight cells is one cache line, and a packet of a service without such limits never comes here.
//
// Bounded means that somebody goes: a source that finds no cell takes the one of its row that was idle for longest. Whoever is
// forgotten begins with a full bucket, so a flood of forged sources refuses nobody who keeps within the limit; what it brings
// altogether is for the service's own limits. Two sources of a row with one tag (1 of 2^23) share a bucket.
// Threads: any worker.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "common/base/cache_line.h"
#include "common/base/rate.h"

namespace tandem {

class SourceMeter {
 public:
  static constexpr std::size_t kRows = 8192, kWays = 8;

  // `hash`: of the source and of what is limited, keyed, so that nobody chooses his neighbours.
  bool take(std::uint64_t hash, std::uint32_t limit_pps, Instant now) noexcept;

 private:
  struct alignas(kCacheLineBytes) Row {
    std::array<std::atomic<std::uint64_t>, kWays> cells{};  // tag << kTimeBits | time in microseconds; 0: free
  };
  static constexpr unsigned kTimeBits = 40;  // 12 days, compared as a signed difference
  static constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;

  static std::int64_t ahead(std::uint64_t cell, std::uint64_t now_us) noexcept;
  std::atomic<std::uint64_t>& cell_of(Row& row, std::uint64_t tag, std::uint64_t now_us) noexcept;

  std::array<Row, kRows> rows_;
};
static_assert(sizeof(SourceMeter) == SourceMeter::kRows * kCacheLineBytes);

}  // namespace tandem
