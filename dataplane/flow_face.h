// SPDX-License-Identifier: Apache-2.0
// The running workers' side of conn/flow_workers.h: changes out of their rings, the peer's into them.
// Threads: the pair's thread. The workers outlive it.
#pragma once

#include <memory>
#include <span>

#include "dataplane/conn/flow_workers.h"
#include "dataplane/conn/table_hash.h"
#include "dataplane/lb/owner.h"
#include "dataplane/worker/worker.h"

namespace tandem {

class FlowFace final : public FlowWorkers {
 public:
  FlowFace(std::span<const std::unique_ptr<Worker>> workers, PairDesk& desk, const SipKey& table_key, const OwnerMap& owners)
      : workers_{workers}, desk_{desk}, hasher_{table_key}, owners_{owners}, given_(workers.size()), marked_(workers.size()) {}

  std::size_t workers() const noexcept override { return workers_.size(); }
  void set_sync(bool on) noexcept override { desk_.sync.store(on, std::memory_order_relaxed); }
  std::size_t take_changes(WorkerId worker, std::span<SyncRecord> room) noexcept override;
  bool apply(const SyncRecord& record) noexcept override;
  void request_bulk(WorkerId worker) noexcept override { flows(worker).bulks.fetch_add(1, std::memory_order_release); }
  bool request_refresh(WorkerId worker, const SyncRecord& told) noexcept override;
  SyncFlags take_flags(WorkerId worker) noexcept override { return flows(worker).take_flags(); }
  void set_peer_full(bool full) noexcept override;
  void set_digests(bool on) noexcept override { desk_.digests.store(on, std::memory_order_relaxed); }
  std::optional<std::uint32_t> read_sums(FlowSide side, std::size_t first, std::span<std::uint64_t> sums) noexcept override;
  void mark() noexcept override { marked_ = given_; }
  bool is_past_mark() const noexcept override;
  bool mend(std::span<const std::uint16_t> own, std::span<const std::uint16_t> held) noexcept override;

 private:
  FlowDesk& flows(WorkerId worker) noexcept { return workers_[index(worker)]->flows(); }

  std::span<const std::unique_ptr<Worker>> workers_;
  PairDesk& desk_;
  TableHasher hasher_;                         // as every worker has it
  OwnerMap owners_;                            // the first generation's: never changed live
  std::vector<std::uint64_t> given_, marked_;  // by worker: records pushed so far, and until the mark
};

}  // namespace tandem
