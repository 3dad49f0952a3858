// SPDX-License-Identifier: Apache-2.0
// How a worker comes to its generation, in three steps; between any two of them a reload may replace what it is about to read.
// A test hands in a pause that holds the worker up there; the product's is empty, and leaves no instruction behind.
#pragma once

#include "common/base/ensure.h"
#include "dataplane/model/publisher.h"

namespace tandem {

enum class EnterStep : std::uint8_t { epoch_read, epoch_told, root_read };  // what has just been done

// One that comes from outside must be seen before it reads the root, so there the store is ordered before the load
// (sequentially consistent, as are the publisher's: if it saw the worker offline, the worker sees its root). A worker
// that stays in has an older epoch standing meanwhile, which only errs to the safe side: a plain store will do.
template <typename Pause>
const Generation& Publisher::enter(WorkerId worker, Pause&& pause) noexcept {
  std::atomic<std::uint64_t>& seen = seen_[index(worker)].epoch;
  const std::uint64_t epoch = epoch_.load(std::memory_order_acquire);
  pause(EnterStep::epoch_read);
  const std::uint64_t before = seen.load(std::memory_order_relaxed);
  if (before == kOffline) [[unlikely]]
    seen.store(epoch, std::memory_order_seq_cst);
  else if (before != epoch) seen.store(epoch, std::memory_order_release);
  pause(EnterStep::epoch_told);
  const Generation* generation = current_.load(std::memory_order_seq_cst);
  pause(EnterStep::root_read);
  ensure(generation != nullptr);
  return *generation;
}

}  // namespace tandem
