// SPDX-License-Identifier: Apache-2.0
// Where one worker and the pair's thread meet over connections: records each way, entries to look at again, and what went wrong.
// A full ring refuses; nobody waits. Threads: one worker and the pair's thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/base/spsc_ring.h"
#include "dataplane/conn/mend_order.h"
#include "dataplane/conn/sync_record.h"

namespace tandem {

struct FlowDesk {
  static constexpr std::size_t kRecords = 4096;

  FlowDesk() : told{kRecords}, heard{kRecords}, doubted{kRecords} {}

  SyncFlags take_flags() noexcept { return {take(lost), take(full)}; }  // the pair's thread
  static void raise(std::atomic<bool>& flag) noexcept {                 // the worker; its line stays shared while nothing is new
    if (!flag.load(std::memory_order_relaxed)) flag.store(true, std::memory_order_release);
  }

  SpscRing<SyncRecord> told;            // worker to thread
  SpscRing<SyncRecord> heard;           // thread to worker
  SpscRing<FlowPlace> doubted;          // thread to worker: lost on the way to the peer, so to be told again
  std::atomic<std::uint32_t> bulks{0};  // how often all was asked for
  std::atomic<bool> lost{false}, full{false};
  std::atomic<bool> peer_full{false};  // by the thread: what the schedule would choose again is not to be told
  MendOrder mend;

 private:
  static bool take(std::atomic<bool>& flag) noexcept { return flag.load(std::memory_order_relaxed) && flag.exchange(false); }
};

}  // namespace tandem
