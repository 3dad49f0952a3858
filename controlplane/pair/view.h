// SPDX-License-Identifier: Apache-2.0
// What a half is told: who it is, once, and how the pair looks, again and again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/config/pair_view.h"
#include "controlplane/ha/plan.h"
#include "controlplane/pair/surroundings.h"
#include "controlplane/sync/session.h"

namespace tandem::pair {

struct Identity {
  std::string name;
  std::uint64_t boot = 0, capacity = 0;
  std::optional<sync::PairKeys> keys;  // none: RFC 9568 alone elects
  sync::Chance chance;
  std::function<double()> wall;                        // seconds since 1970, for people
  bool state_sync = true;                              // off: connections are told to nobody
  bool digests = true;                                 // off: what they amount to is not compared
  Terms terms;                                         // as remembered by an earlier start
  std::uint8_t newest_version = sync::kNewestVersion;  // less: speaks as an earlier release does
};

// What the control thread tells: configuration and network as the pair sees them, and what is decided there.
struct View {
  config::PairView pair;
  std::chrono::milliseconds interval{200};  // `auto` resolved
  std::uint64_t schedule_digest = 0;
  std::vector<std::uint8_t> penalties;  // by group
  std::uint32_t cut_off = 0;            // bit by group: most backends of one of its services fail here alone

  friend bool operator==(const View&, const View&) = default;
};

ha::Plan plan_of(const View& view, bool has_key);

}  // namespace tandem::pair
