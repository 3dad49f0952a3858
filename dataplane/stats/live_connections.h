// SPDX-License-Identifier: Apache-2.0
// How many connections a backend has now, over all workers: what `least-connections` weighs. Entries that have closed and linger
// (TIME_WAIT, reset) cost the backend nothing and are left out; those that the peer told of are in, so that after a failover the
// loads are what they were.
// Threads: any; nothing is written. Cost: one cache line a worker, which its owner writes only when a connection begins, closes or
// ends (counters.h), so most of these lines are shared between the cores' caches.
#pragma once

#include <span>

#include "common/base/ids.h"
#include "dataplane/stats/counters.h"

namespace tandem {

// By WorkerId: each worker's array by BackendSlot. Empty where there is one worker alone.
using TalliesOfAll = std::span<const BackendCounters* const>;

// Ends are read before beginnings and may belong to a later moment all the same, so the difference may be below 0.
inline std::uint64_t live_connections(const BackendCounters& backend) noexcept {
  const std::uint64_t reopened = backend.reopened_or_ended.get(), closed = backend.closed_entries.get();
  const std::uint64_t removed = backend.removed_entries.get(), opened = backend.opened_entries.get();
  const auto live = static_cast<std::int64_t>(opened - removed - (closed - reopened));
  return live > 0 ? static_cast<std::uint64_t>(live) : 0;
}

// At one worker and at all the others.
inline std::uint64_t live_connections(std::span<const BackendCounters> own, TalliesOfAll all, BackendSlot slot) noexcept {
  std::uint64_t sum = live_connections(own[index(slot)]);
  for (const BackendCounters* worker : all)
    if (worker != own.data()) sum += live_connections(worker[index(slot)]);
  return sum;
}

}  // namespace tandem
