// SPDX-License-Identifier: Apache-2.0
// One whole node of the simulation: the half that runs in tandemd, over a wire and a clock of ours. A crash forgets it; a freeze
// keeps what arrives until it thaws, as a kernel's queues do.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controlplane/pair/half.h"
#include "tests/sim/sim_flows.h"

namespace tandem::sim {

using namespace std::chrono_literals;

inline constexpr std::size_t kLans = 2, kGroups = 2, kPaths = kLans + 1;

class SimNode final : public pair::Surroundings {
 public:
  using Send = std::function<void(std::size_t path, std::vector<std::uint8_t>)>;

  SimNode(std::size_t number, Send send) : number_{number}, send_{std::move(send)} {}

  void boot(std::uint64_t boot_id, std::uint64_t chance_seed, Instant now);
  void crash() { half_.reset(), frozen_ = false, waiting_.clear(), roles_ = {}; }
  void freeze() { frozen_ = half_ != nullptr; }
  void thaw();

  void arrive(std::size_t path, std::vector<std::uint8_t> bytes, Instant now);
  void tick(Instant now);

  bool alive() const { return half_ != nullptr; }
  bool runs() const { return half_ != nullptr && !frozen_; }
  bool frozen() const { return frozen_; }
  bool serves(std::size_t group) const { return half_ && ha::serves(half_->machine().groups()[group].role()); }
  ha::Cause cause(std::size_t group) const { return half_ ? half_->machine().groups()[group].last_cause() : ha::Cause::none; }
  bool knows_peer() const { return half_ && half_->session()->established(); }
  bool sent_away(std::size_t group) const { return half_ && half_->machine().groups()[group].sent_away(); }
  SimFlows& flows_of() { return flows_; }
  std::uint16_t term(std::size_t group) const { return half_->machine().groups()[group].term(); }
  pair::Half* half() { return half_.get(); }
  const Roles& roles() const { return roles_; }

  std::vector<bool> link = std::vector<bool>(kLans, true), witness = std::vector<bool>(kLans, true);
  bool stalled = false;
  std::vector<pair::Notice> notices;

  // Surroundings.
  std::size_t workers() const override { return 1; }
  bool send(WorkerId, PortId port, pair::Bytes frame, Instant deadline) override;
  void send_sync(pair::Bytes datagram) override;
  void set_term(GroupId, std::uint16_t) override {}
  void set_roles(const Roles& roles) override { roles_ = roles; }
  pair::Facts facts(Instant now, Nanoseconds dead_time) override;
  void remember(const pair::Terms& terms) override { terms_ = terms; }  // as on a disk: a crash leaves it
  sync::FlowWorkers* flows() override { return &flows_; }
  void notice(const pair::Notice& notice) override { notices.push_back(notice); }

  static pair::View view(std::size_t number);

 private:
  struct Waiting {
    std::size_t path;
    std::vector<std::uint8_t> bytes;
    Instant arrived;
  };
  void hear(Waiting& one);

  std::size_t number_;
  Send send_;
  SimFlows flows_;
  pair::Terms terms_;
  std::unique_ptr<pair::Half> half_;
  Roles roles_;
  bool frozen_ = false;
  std::deque<Waiting> waiting_;
};

}  // namespace tandem::sim
