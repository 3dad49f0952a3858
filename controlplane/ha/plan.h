// SPDX-License-Identifier: Apache-2.0
// What the pair is to be, as the configuration says: how it elects, by which LANs the nodes meet, which groups move between them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "controlplane/config/config.h"

namespace tandem::ha {

struct LanPlan {
  std::string name;
  bool has_peer = false;  // the other's address on it is known, so hellos go there

  friend bool operator==(const LanPlan&, const LanPlan&) = default;
};

struct GroupPlan {
  std::string name;
  bool preferred = false;         // this node's by configuration
  std::vector<std::size_t> lans;  // places in the plan's LANs

  friend bool operator==(const GroupPlan&, const GroupPlan&) = default;
};

struct Plan {
  config::HaMode mode = config::HaMode::pair;
  std::chrono::milliseconds interval{200}, start_delay{5000};
  bool preempt = true;
  bool has_key = false;  // hellos are authenticated; without, RFC 9568 alone elects
  bool has_sync_path = false;
  std::vector<LanPlan> lans;
  std::vector<GroupPlan> groups;  // by GroupId

  friend bool operator==(const Plan&, const Plan&) = default;
};

}  // namespace tandem::ha
