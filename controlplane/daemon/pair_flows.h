// SPDX-License-Identifier: Apache-2.0
// The workers' connections as state sync tells and learns them. Threads: the pair's.
#pragma once

#include "controlplane/sync/flows.h"
#include "dataplane/dataplane.h"

namespace tandem {

class PairFlows final : public sync::FlowWorkers {
 public:
  explicit PairFlows(Dataplane& dataplane) : dataplane_{dataplane} {}

  std::size_t workers() const override { return dataplane_.workers(); }
  std::size_t take_changes(std::size_t worker, std::span<SyncRecord> out) override { return dataplane_.take_changes(id(worker), out); }
  bool apply(const SyncRecord& record) override { return dataplane_.apply(record); }
  void request_bulk(std::size_t worker) override { dataplane_.request_bulk(id(worker)); }
  bool request_refresh(std::size_t worker, const SyncRecord& record) override {
    return dataplane_.request_refresh(id(worker), {record.handle, record.client.family, record.order()});
  }
  sync::FlowWorkers::Trouble take_trouble(std::size_t worker) override {
    const SyncFlags flags = dataplane_.sync_flags(id(worker));
    return {flags.lost, flags.full};
  }
  void set_peer_full(bool full) override { dataplane_.set_peer_full(full); }
  std::optional<std::uint32_t> read_sums(FlowSide side, std::size_t first, std::span<std::uint64_t> sums) override {
    return dataplane_.read_sums(side, first, sums);
  }
  void mark() override { dataplane_.mark_applied(); }
  bool is_past_mark() const override { return dataplane_.is_past_mark(); }
  bool mend(std::span<const std::uint16_t> own, std::span<const std::uint16_t> held) override { return dataplane_.mend(own, held); }

 private:
  static WorkerId id(std::size_t worker) { return static_cast<WorkerId>(worker); }

  Dataplane& dataplane_;
};

}  // namespace tandem
