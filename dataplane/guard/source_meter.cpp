// SPDX-License-Identifier: Apache-2.0
#include "dataplane/guard/source_meter.h"

#include <algorithm>

namespace tandem {
namespace {

constexpr unsigned kRowBits = 13;
static_assert(SourceMeter::kRows == std::size_t{1} << kRowBits);
constexpr int kAttempts = 4;

}  // namespace

// How far before now the bucket will be full, in microseconds; negative: since when it is.
std::int64_t SourceMeter::ahead(std::uint64_t cell, std::uint64_t now_us) noexcept {
  constexpr unsigned kUnused = 64 - kTimeBits;
  return static_cast<std::int64_t>((cell - now_us) << kUnused) >> kUnused;
}

// Its own, or the one that nobody has used for longest.
std::atomic<std::uint64_t>& SourceMeter::cell_of(Row& row, std::uint64_t tag, std::uint64_t now_us) noexcept {
  std::atomic<std::uint64_t>* oldest = row.cells.data();
  std::int64_t oldest_ahead = INT64_MAX;
  for (std::atomic<std::uint64_t>& each : row.cells) {
    const std::uint64_t cell = each.load(std::memory_order_relaxed);
    if (cell >> kTimeBits == tag) return each;
    const std::int64_t rank = cell == 0 ? INT64_MIN : ahead(cell, now_us);
    if (rank < oldest_ahead) oldest = &each, oldest_ahead = rank;
  }
  return *oldest;
}

bool SourceMeter::take(std::uint64_t hash, std::uint32_t limit_pps, Instant now) noexcept {
  const RateSteps rate{limit_pps};
  const auto step_us = std::max<std::int64_t>(rate.step_ns / 1000, 1), depth_us = std::max<std::int64_t>(rate.depth_ns / 1000, 8);
  const auto now_us = static_cast<std::uint64_t>(now.since_start.count() / 1000) & kTimeMask;
  const std::uint64_t tag = hash >> kTimeBits | 1;  // a cell in use is never 0
  std::atomic<std::uint64_t>& own = cell_of(rows_[hash & (kRows - 1)], tag, now_us);
  std::uint64_t cell = own.load(std::memory_order_relaxed);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::int64_t left = cell >> kTimeBits == tag ? ahead(cell, now_us) : 0;
    const std::int64_t start = left > 0 && left <= depth_us ? left : 0;  // further ahead was never written: it lies half the clock back
    if (start + step_us > depth_us) return false;
    const std::uint64_t full_at = (now_us + static_cast<std::uint64_t>(start + step_us)) & kTimeMask;
    if (own.compare_exchange_weak(cell, tag << kTimeBits | full_at, std::memory_order_relaxed)) return true;
  }
  return true;  // others took tokens meanwhile: one too many beats waiting for them
}

}  // namespace tandem
