// SPDX-License-Identifier: Apache-2.0
// This node's half of the pair: hears hellos and advertisements, knows of itself, and says at every tick what is to be sent and
// what this node is in each group. A pure function of what it is told and of time: two of them in one process, a manual clock and
// a lossy wire make a simulation; the daemon gives it sockets and workers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ranges>
#include <vector>

#include "common/base/clock.h"
#include "controlplane/ha/group.h"
#include "controlplane/ha/hold_down.h"
#include "controlplane/ha/plan.h"
#include "controlplane/ha/rhythm.h"
#include "controlplane/ha/tick.h"
#include "controlplane/ha/vrrp_packet.h"

namespace tandem::ha {

class Pair {
 public:
  Pair(Plan plan, std::uint64_t boot, Instant now);

  // Groups and LANs are told apart by name: what stays keeps its role.
  void configure(Plan plan, Instant now);
  const Plan& plan() const { return plan_; }

  // Authenticated, by one of the plan's paths.
  void hear_hello(std::size_t path, const Hello& hello, Instant now);
  // Of one of our router ids on one of our LANs. `lan_of_group`: place in the group's LANs. True: a claim by a stranger.
  bool hear_advert(GroupId group, std::size_t lan_of_group, const Advert& advert, const IpAddress& from, bool from_peer, Instant now);

  // What an earlier start of this node knew: its terms must not begin again below those that its connections carried.
  void hear_term(GroupId group, std::uint16_t term) { of(group).group.hear_term(term); }

  Orders tick(const Local& local, Instant now);

  // By an operator. fail_over: of a group that serves here; the answer is what the table says at the following ticks.
  void fail_over(GroupId group, bool forced) { of(group).group.ask(forced); }
  void withdraw(GroupId group) { of(group).group.withdraw(); }
  void hold(std::optional<Instant> until) { held_until_ = until; }
  bool held(Instant now) const { return held_until_ && now < *held_until_; }
  Nanoseconds hold_left(Instant now) const { return held(now) ? *held_until_ - now : Nanoseconds{0}; }
  void leave() { leaving_ = true; }
  void announce_again(GroupId group) {
    if (serves(of(group).group.role())) of(group).announcement.begin();
  }

  // For showing.
  const Hello& own() const { return own_; }
  const std::optional<Hello>& peer() const { return peer_; }
  auto groups() const { return groups_ | std::views::transform(&OneGroup::group); }  // by GroupId
  const Group& group(GroupId id) const { return of(id).group; }
  const Paths& paths() const { return paths_; }
  bool peer_alive(Instant now) const { return paths_.any_alive(now, dead_time()); }
  bool by_vrrp_alone(const Local& local, Instant now) const;
  Nanoseconds dead_time() const;
  std::chrono::milliseconds vrrp_interval() const;
  std::uint8_t priority(GroupId group, const Local& local) const;
  std::uint64_t conflicts(GroupId group) const { return of(group).conflicts; }
  bool serves_any() const;

 private:
  struct OneGroup {
    Group group;
    Election election;    // by RFC 9568 alone
    Election::Own claim;  // ours in it, as of the last tick
    AnnouncePlan announcement;
    Rhythm adverts;
    bool in_conflict = false;
    std::uint64_t conflicts = 0;
  };
  struct OneLan {
    Lasting silent;  // between the nodes, while the other is heard elsewhere
    Lasting sound;   // its link is up, and the other is heard on it, if it is there
  };

  OneGroup& of(GroupId group) { return groups_[index(group)]; }
  const OneGroup& of(GroupId group) const { return groups_[index(group)]; }

  // pair.cpp
  OneGroup planned(GroupId id, const Plan& plan, Instant now) const;
  void step(OneGroup& each, const Local& local, Orders& orders, Instant now);
  void record(OneGroup& each, Role before, const Decision& done, Orders& orders, Instant now);

  // pair_silence.cpp
  void notice_gap(Orders& orders, Instant now);
  void update_silence(const Local& local, Instant now);

  // pair_judging.cpp
  bool may_take(const OneGroup& each, Instant now) const;
  bool wants_back(const Group& group, Instant now) const;
  bool pair_agrees(Instant now) const;
  std::vector<LanInQuestion> lans_in_question(const Group& group, Instant now) const;
  Situation situation_of(const OneGroup& each, Instant now) const;
  Decision by_hellos(OneGroup& each, Instant now);
  Election::Own own_claim(GroupId group, const Local& local) const;
  Decision by_election(OneGroup& each, const Local& local, Instant now);

  // pair_telling.cpp
  void report_self(const Local& local, Instant now);
  void report_groups(const Local& local, Instant now);
  void order_sending(const Local& local, Orders& orders, Instant now);
  void order_probes(Orders& orders, Instant now);
  Roles roles(Instant now) const;

  Plan plan_;
  Instant boot_, quiet_until_, listens_until_, greets_until_;
  std::optional<Instant> last_tick_, held_until_;
  bool leaving_ = false;
  Hello own_;
  std::optional<Hello> peer_;
  Paths paths_;
  std::vector<OneGroup> groups_;  // by GroupId
  std::vector<OneLan> lans_;
  HoldDown hold_down_;
  Rhythm hello_rhythm_, probe_rhythm_;
};

}  // namespace tandem::ha
