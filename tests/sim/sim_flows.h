// SPDX-License-Identifier: Apache-2.0
// A node's connections in the simulation: what the workers of tandemd do with records, on a map. Keyed by the client's port, the
// one thing that differs here.
#pragma once

#include <array>
#include <deque>
#include <map>

#include "controlplane/sync/flows.h"

namespace tandem::sim {

class SimFlows final : public sync::FlowWorkers {
 public:
  using Port = std::uint16_t;

  // A new start: everything is forgotten, and incarnations begin elsewhere, so that none is drawn twice in one term.
  void forget(std::uint64_t first_incarnation) { table_.clear(), changes_.clear(), incarnations_ = first_incarnation; }

  // By the node that serves the group.
  const SyncRecord& open(Port port, GroupId group, std::uint16_t term, std::uint16_t backend);
  void see(Port port, std::uint8_t seen);
  void close(Port port);

  const SyncRecord* find(Port port) const;
  const std::map<Port, SyncRecord>& table() const { return table_; }

  // FlowWorkers.
  std::size_t workers() const override { return 1; }
  std::size_t take_changes(std::size_t, std::span<SyncRecord> out) override;
  bool apply(const SyncRecord& record) override;
  void request_bulk(std::size_t) override;
  bool request_refresh(std::size_t, const SyncRecord& record) override;
  Trouble take_trouble(std::size_t) override { return {}; }

 private:
  std::map<Port, SyncRecord> table_;
  std::deque<SyncRecord> changes_;
  std::uint64_t incarnations_ = 0;
};

}  // namespace tandem::sim
