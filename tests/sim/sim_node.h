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

namespace tandem::sim {

using namespace std::chrono_literals;

inline constexpr std::size_t kLans = 2, kGroups = 2, kPaths = kLans + 1;

// What a planted fault changes; the simulation must find each.
struct Sabotage {
  bool timers_before_packets = false;  // after a freeze, silence is judged before what waited is heard
  bool no_gap_restart = false;         // who slept judges silence by the clock
  bool no_deadline = false;            // what a frozen worker had to send leaves when it thaws
  bool deaf_to_yield = false;          // the other's offer is not heard
};

class SimNode final : public pair::Surroundings {
 public:
  using Send = std::function<void(std::size_t path, std::vector<std::uint8_t>)>;

  SimNode(std::size_t number, const Sabotage& sabotage, Send send) : number_{number}, sabotage_{sabotage}, send_{std::move(send)} {}

  void boot(std::uint64_t boot_id, std::uint64_t chance_seed, Instant now);
  void crash() { half_.reset(), frozen_ = false, waiting_.clear(), unsent_.clear(), roles_ = {}; }
  void freeze() { frozen_ = half_ != nullptr; }
  void thaw(Instant now);

  void arrive(std::size_t path, std::vector<std::uint8_t> bytes, Instant now);
  void tick(Instant now);

  bool alive() const { return half_ != nullptr; }
  bool runs() const { return half_ != nullptr && !frozen_; }
  bool frozen() const { return frozen_; }
  bool serves(std::size_t group) const { return half_ && ha::serves(half_->machine().groups()[group].role()); }
  pair::Half* half() { return half_.get(); }
  const Roles& roles() const { return roles_; }

  std::vector<bool> link = std::vector<bool>(kLans, true), witness = std::vector<bool>(kLans, true);
  bool stalled = false;
  std::vector<pair::Notice> notices;

  // Surroundings.
  std::size_t workers() const override { return 1; }
  bool send(WorkerId, PortId port, pair::Bytes frame, Instant deadline) override;
  void send_sync(pair::Bytes datagram) override;
  void set_roles(const Roles& roles) override { roles_ = roles; }
  pair::Facts facts(Instant now, Nanoseconds dead_time) override;
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
  const Sabotage& sabotage_;
  Send send_;
  std::unique_ptr<pair::Half> half_;
  Roles roles_;
  bool frozen_ = false;
  std::deque<Waiting> waiting_;
  std::vector<std::pair<std::size_t, std::vector<std::uint8_t>>> unsent_;
};

}  // namespace tandem::sim
