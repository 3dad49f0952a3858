// SPDX-License-Identifier: Apache-2.0
// The decision table (ha.md, heartbeats): what one group does next, from what is known at this moment. A pure function, so that
// every row is one test. "Take", "give" and the rest are this node's own acts; the other node decides by the same table.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/clock.h"
#include "controlplane/ha/standing.h"

namespace tandem::ha {

enum class Cause : std::uint8_t {
  none,
  boot,           // the start is over
  peer_silent,    // nothing heard on any path for the dead time
  peer_unfit,     // it says so itself: workers, links, backends out of its reach
  lan_silent,     // a LAN is silent between the nodes, and we are the better heard
  peer_yields,    // it asks us to: planned failover, preemption, its end
  nobody_serves,  // both are there and neither has the group
  conflict,       // both serve it: the later term keeps it
  unheard,        // both serve it and the other does not hear us on any path
  asked,          // by an operator
  preferred,      // the preferred node wants it back
  leaving,        // we are about to stop
  not_taken,      // yielded, and the other did not take
  vrrp,           // elected by RFC 9568 alone
  count_,
};
std::string_view name_of(Cause cause);

enum class Act : std::uint8_t { stay, stand_by, take, give, yield, resume };

struct Decision {
  Act act = Act::stay;
  Cause cause = Cause::none;

  friend bool operator==(const Decision&, const Decision&) = default;
};

struct Situation {
  Role role = Role::starting;
  std::uint16_t term = 0;
  Fitness fitness;
  bool first = false;      // of two that are equal we go first: preferred, or where nobody is, by the lower boot id
  bool may_take = false;   // the other was heard since the start, or the start delay is over
  bool held = false;       // by an operator, here or there
  bool unsettled = false;  // we lost a group as unfit a short while ago
  bool asked = false, forced = false, leaving = false;
  Nanoseconds dead_time{};   // D
  Nanoseconds in_role{};     // since when we are what we are
  Nanoseconds better_for{};  // the fitter without a break
  Nanoseconds nobody_for{};  // both there, nobody serves
  Nanoseconds conflict_for{};

  bool peer_alive = false;  // an authenticated hello came by some path within D
  bool peer_hears_us = false, peer_in_step = false, peer_leaving = false, peer_wants = false;
  bool we_are_in_step = false;
  bool pair_agrees = false;  // digests equal, sync path alive: nothing stands against moving a group for comfort
  Role peer_role = Role::starting;
  std::uint16_t peer_term = 0;
  Fitness peer_fitness;
};

// What flaps is not believed for so long.
inline constexpr std::chrono::milliseconds kStubborn{1000}, kYieldAtMost{1000};

Decision decide(const Situation& now);

}  // namespace tandem::ha
