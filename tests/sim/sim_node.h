// SPDX-License-Identifier: Apache-2.0
// One whole node of the simulation: the half of tandemd's pair and the dataplane's workers, over wires and a clock of ours. A crash
// forgets it all; a freeze keeps what arrives until it thaws, as a kernel's queues do.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "controlplane/pair/half.h"
#include "tests/sim/sim_workers.h"

namespace tandem::sim {

using namespace std::chrono_literals;

class SimNode final : public pair::Surroundings {
 public:
  using Send = std::function<void(std::size_t path, std::vector<std::uint8_t>)>;

  SimNode(std::size_t number, Send send) : number_{number}, send_{std::move(send)} {}

  void boot(std::uint64_t boot_id, std::uint64_t chance_seed, std::size_t workers, Instant now);
  void crash();
  void freeze() { frozen_ = half_ != nullptr; }
  void thaw(Instant now);

  // What the pair has to say to this node.
  void arrive(std::size_t path, std::vector<std::uint8_t> bytes, Instant now);
  void tick(Instant now);

  // One frame of a client, or one that the other node handed over, goes through the workers.
  struct Fate {
    std::optional<std::size_t> server;
    std::optional<test::Bytes> handed;  // to the other node
  };
  Fate forward(const test::Bytes& frame, Instant now);
  bool works() const { return runs() && !stalled; }
  bool forwards() const { return works() && link[0] && link[1]; }

  bool alive() const { return half_ != nullptr; }
  bool runs() const { return half_ != nullptr && !frozen_; }
  bool frozen() const { return frozen_; }
  bool serves(std::size_t group) const { return half_ && ha::serves(half_->machine().groups()[group].role()); }
  ha::Cause cause(std::size_t group) const { return half_ ? half_->machine().groups()[group].last_cause() : ha::Cause::none; }
  bool knows_peer() const { return half_ && half_->session()->established(); }
  bool sent_away(std::size_t group) const { return half_ && half_->machine().groups()[group].sent_away(); }
  SimWorkers& table() { return *workers_; }  // of one that is alive
  pair::Half* half() { return half_.get(); }
  const Roles& roles() const { return roles_; }
  unsigned late_beats() const { return late_beats_; }  // left after their deadline: they spoke for a moment that was over

  std::vector<bool> link = std::vector<bool>(kLans, true), witness = std::vector<bool>(kLans, true);
  bool stalled = false;  // its workers stand still
  std::vector<pair::Notice> notices;

  // Surroundings.
  std::size_t workers() const override { return workers_->workers(); }
  bool send(WorkerId by, PortId port, pair::Bytes frame, Instant deadline) override;
  void send_sync(pair::Bytes datagram) override;
  void set_term(GroupId group, std::uint16_t term) override { workers_->roles().set_term(group, term); }
  void set_roles(const Roles& roles) override { roles_ = roles, workers_->roles().set(roles); }
  pair::Facts facts(Instant now, Nanoseconds dead_time) override;
  void remember(const pair::Terms& terms) override { terms_ = terms; }  // as on a disk: a crash leaves it
  FlowWorkers* flows() override { return &workers_->flows(); }
  void notice(const pair::Notice& notice) override { notices.push_back(notice); }

  static pair::View view(std::size_t number);

 private:
  struct Waiting {
    std::size_t path;
    std::vector<std::uint8_t> bytes;
    Instant arrived;
  };
  void hear(Waiting& one);
  void left(std::size_t lan, test::Bytes frame);

  std::size_t number_;
  Send send_;
  std::unique_ptr<SimWorkers> workers_;
  pair::Terms terms_;
  std::unique_ptr<pair::Half> half_;
  Roles roles_;
  bool frozen_ = false;
  std::deque<Waiting> waiting_;
  Instant now_;
  Fate fate_;                                           // of the frame under way
  std::unordered_map<std::string, Instant> deadlines_;  // of heartbeats that have not left yet
  unsigned late_beats_ = 0;
};

}  // namespace tandem::sim
