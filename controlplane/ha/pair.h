// SPDX-License-Identifier: Apache-2.0
// This node's half of the pair: hears hellos and advertisements, knows of itself, and says at every tick what is to be sent and
// what this node is in each group. A pure function of what it is told and of time: two of them in one process, a manual clock and
// a lossy wire make a simulation; the daemon gives it sockets and workers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "controlplane/config/config.h"
#include "controlplane/ha/group.h"
#include "controlplane/ha/hold_down.h"
#include "controlplane/ha/rhythm.h"
#include "controlplane/ha/vrrp_packet.h"
#include "dataplane/model/roles.h"

namespace tandem::ha {

struct LanPlan {
  std::string name;
  bool has_peer = false;  // the other's address on it is known, so hellos go there

  friend bool operator==(const LanPlan&, const LanPlan&) = default;
};

struct Plan {
  config::HaMode mode = config::HaMode::pair;
  std::chrono::milliseconds interval{200}, start_delay{5000};
  bool preempt = true;
  bool has_key = false;  // hellos are authenticated; without, RFC 9568 alone elects
  bool has_sync_path = false;
  std::vector<LanPlan> lans;
  std::vector<GroupPlan> groups;

  friend bool operator==(const Plan&, const Plan&) = default;
};

// What this node sees of itself, told anew at every tick.
struct Local {
  struct Lan {
    bool link = true, witness = false;
  };
  bool ready = false;        // workers run, tables are built
  bool peer_has_all = true;  // the other has been told all of our connections
  bool keys_disagree = false;
  std::uint64_t stalled_workers = 0;
  std::uint32_t cut_off = 0;  // bit g: most backends of a service of group g fail for this node alone
  std::uint64_t pair_digest = 0, schedule_digest = 0;
  std::vector<Lan> lans;                    // by LAN of the plan
  std::vector<std::uint8_t> penalties;      // by group: taken off its VRRP priority, e.g. for services without a backend
  std::vector<std::vector<IpAddress>> own;  // by LAN: our addresses
};

struct Change {
  std::size_t group = 0;
  Role before{}, after{};
  Cause cause{};
  std::uint16_t term = 0;
};

// What a tick asks for. VRRP of a group goes out on all its LANs.
struct Orders {
  struct Vrrp {
    std::size_t group = 0;
    std::uint8_t priority = 0;
  };
  bool hello = false;
  bool woke = false;                // we did not run for more than half the dead time
  std::vector<std::size_t> probes;  // LANs
  std::vector<Vrrp> adverts;
  std::vector<std::size_t> announce;  // groups
  std::vector<Change> changes;
  Roles roles;
};

class Pair {
 public:
  Pair(Plan plan, std::uint64_t boot, Instant now);

  // Groups and LANs are told apart by name: what stays keeps its role.
  void configure(Plan plan, Instant now);
  const Plan& plan() const { return plan_; }

  // Authenticated, by one of the plan's paths.
  void hear_hello(std::size_t path, const Hello& hello, Instant now);
  // Of one of our router ids on one of our LANs. `lan_of_group`: place in the group's LANs. True: a claim by a stranger.
  bool hear_advert(std::size_t group, std::size_t lan_of_group, const Advert& advert, const IpAddress& from, bool from_peer, Instant now);

  // What an earlier start of this node knew: its terms must not begin again below those that its connections carried.
  void hear_term(std::size_t group, std::uint16_t term) { groups_[group].hear_term(term); }

  Orders tick(const Local& local, Instant now);

  // By an operator. fail_over: of a group that serves here; the answer is what the table says at the following ticks.
  void fail_over(std::size_t group, bool forced) { groups_[group].ask(forced); }
  void withdraw(std::size_t group) { groups_[group].withdraw(); }
  void hold(std::optional<Instant> until) { held_until_ = until; }
  bool held(Instant now) const { return held_until_ && now < *held_until_; }
  Nanoseconds hold_left(Instant now) const { return held(now) ? *held_until_ - now : Nanoseconds{0}; }
  void leave() { leaving_ = true; }
  void announce_again(std::size_t group) {
    if (group < groups_.size() && serves(groups_[group].role())) announces_[group].begin();
  }

  // For showing.
  const Hello& own() const { return own_; }
  const std::optional<Hello>& peer() const { return peer_; }
  const std::vector<Group>& groups() const { return groups_; }
  const Paths& paths() const { return paths_; }
  bool peer_alive(Instant now) const { return paths_.any_alive(now, dead_time()); }
  bool by_vrrp_alone(const Local& local, Instant now) const;
  Nanoseconds dead_time() const;
  std::chrono::milliseconds vrrp_interval() const;
  std::uint8_t priority(std::size_t group, const Local& local) const;
  std::uint64_t conflicts(std::size_t group) const { return conflicts_[group]; }
  bool serves_any() const;

 private:
  void notice_gap(Orders& orders, Instant now);
  void update_silence(const Local& local, Instant now);
  void report_self(const Local& local, Instant now);
  void report_groups(Instant now);
  bool wants_back(const Group& group, Instant now) const;
  bool may_take(std::size_t group, Instant now) const;
  bool pair_agrees(Instant now) const;
  Situation situation_of(std::size_t group, Instant now) const;
  Election::Own own_claim(std::size_t group, const Local& local) const;
  Decision by_election(std::size_t group, const Local& local, Instant now);
  void step(std::size_t group, const Local& local, Orders& orders, Instant now);
  void record(std::size_t group, Role before, const Decision& decision, Orders& orders, Instant now);
  void order_sending(const Local& local, Orders& orders, Instant now);
  Roles roles(Instant now) const;

  Plan plan_;
  Instant boot_, quiet_until_, listens_until_, greets_until_;
  std::optional<Instant> last_tick_, held_until_;
  bool leaving_ = false;
  std::uint32_t cut_off_ = 0;
  Hello own_;
  std::optional<Hello> peer_;
  Paths paths_;
  std::vector<Group> groups_;
  std::vector<Election> elections_;                // by group
  std::vector<Election::Own> last_claims_;         // by group
  std::vector<AnnouncePlan> announces_;            // by group
  std::vector<Rhythm> vrrp_rhythms_;               // by group
  std::vector<std::uint64_t> conflicts_;           // by group
  std::vector<bool> in_conflict_;                  // by group
  std::vector<Lasting> silent_lans_, sound_lans_;  // by LAN
  HoldDown hold_down_;
  Rhythm hello_rhythm_, probe_rhythm_;
};

}  // namespace tandem::ha
