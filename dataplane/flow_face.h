// SPDX-License-Identifier: Apache-2.0
// The connections' part of the dataplane's face (dataplane.h): changes out of the workers' rings, the peer's into them.
// Threads: the pair's thread. The workers outlive it.
#pragma once

#include <memory>
#include <span>

#include "dataplane/conn/table_hash.h"
#include "dataplane/lb/owner.h"
#include "dataplane/worker/worker.h"

namespace tandem {

class FlowFace {
 public:
  FlowFace(std::span<const std::unique_ptr<Worker>> workers, PairDesk& desk, const SipKey& table_key, const OwnerMap& owners)
      : workers_{workers}, desk_{desk}, hasher_{table_key}, owners_{owners}, given_(workers.size()), marked_(workers.size()) {}

  void set_sync(bool on) noexcept { desk_.sync.store(on, std::memory_order_relaxed); }
  std::size_t take_changes(WorkerId worker, std::span<SyncRecord> room) noexcept;
  bool apply(const SyncRecord& record) noexcept;
  void request_bulk(WorkerId worker) noexcept { flows(worker).bulks.fetch_add(1, std::memory_order_release); }
  bool request_refresh(WorkerId worker, const FlowPlace& place) noexcept { return flows(worker).doubted.push(place); }
  void set_digests(bool on) noexcept { desk_.digests.store(on, std::memory_order_relaxed); }
  void set_peer_full(bool full) noexcept;
  std::optional<std::uint32_t> read_sums(FlowSide side, std::size_t first, std::span<std::uint64_t> sums) noexcept;
  void mark() noexcept { marked_ = given_; }
  bool is_past_mark() const noexcept;
  bool mend(std::span<const std::uint16_t> own, std::span<const std::uint16_t> held) noexcept;
  SyncFlags sync_flags(WorkerId worker) noexcept { return flows(worker).take_flags(); }

 private:
  FlowDesk& flows(WorkerId worker) noexcept { return workers_[index(worker)]->flows(); }

  std::span<const std::unique_ptr<Worker>> workers_;
  PairDesk& desk_;
  TableHasher hasher_;                         // as every worker has it
  OwnerMap owners_;                            // the first generation's: never changed live
  std::vector<std::uint64_t> given_, marked_;  // by worker: records pushed so far, and until the mark
};

}  // namespace tandem
