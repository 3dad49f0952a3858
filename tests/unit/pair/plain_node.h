// SPDX-License-Identifier: Apache-2.0
// One node of two: a whole half, a table that is a map by the client's port, and nothing that ever fails.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controlplane/pair/half.h"

namespace tandem::pair {

using namespace std::chrono_literals;

inline constexpr std::size_t kLans = 2, kGroups = 2;

class PlainFlows final : public FlowWorkers {
 public:
  using Port = std::uint16_t;

  void open(Port port, std::uint16_t term);
  void close(Port port);
  const std::map<Port, SyncRecord>& table() const { return table_; }

  std::size_t workers() const override { return 1; }
  std::size_t take_changes(WorkerId, std::span<SyncRecord> out) override;
  bool apply(const SyncRecord& record) override;
  void request_bulk(WorkerId) override;
  bool request_refresh(WorkerId, const SyncRecord& record) override;
  SyncFlags take_flags(WorkerId) override { return {}; }

 private:
  std::map<Port, SyncRecord> table_;
  std::deque<SyncRecord> changes_;
  std::uint64_t incarnations_ = 0;
};

class PlainNode final : public Surroundings {
 public:
  using Send = std::function<void(std::size_t path, Bytes bytes)>;

  PlainNode(std::size_t number, Send send) : number_{number}, send_{std::move(send)} {}

  void boot(std::uint64_t boot_id, Instant now);
  void arrive(std::size_t path, std::vector<std::uint8_t> bytes, Instant now);
  void tick(Instant now) { half_->tick(now); }

  Half& half() { return *half_; }
  const Half& half() const { return *half_; }
  std::unique_ptr<PlainFlows> table;
  std::vector<Notice> notices;
  Roles roles;
  PortHalves halves;

  // Surroundings.
  std::size_t workers() const override { return 1; }
  bool send(WorkerId, PortId port, Bytes frame, Instant) override { return send_(index(port) + 1, frame), true; }
  void send_sync(Bytes datagram) override { send_(ha::kSyncPath, datagram); }
  void set_term(GroupId, std::uint16_t) override {}
  void set_roles(const Roles& now) override { roles = now; }
  void set_port_halves(PortHalves now) override { halves = now; }
  Facts facts(Instant now, Nanoseconds dead_time) override;
  void notice(const Notice& notice) override { notices.push_back(notice); }
  FlowWorkers* flows() override { return table.get(); }

 private:
  std::size_t number_;
  Send send_;
  std::unique_ptr<Half> half_;
};

}  // namespace tandem::pair
