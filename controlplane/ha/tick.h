// SPDX-License-Identifier: Apache-2.0
// What the pair is told at every tick, and what it asks for in return.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/ids.h"
#include "common/net/address.h"
#include "controlplane/ha/decision.h"
#include "dataplane/model/roles.h"

namespace tandem::ha {

// What this node sees of itself, told anew at every tick.
struct Local {
  struct Lan {
    bool link = true, witness = false;
    std::vector<IpAddress> own;  // our addresses there
  };
  bool ready = false;        // workers run, tables are built
  bool peer_has_all = true;  // the other has been told all of our connections
  bool keys_disagree = false;
  std::uint64_t stalled_workers = 0;
  std::uint32_t cut_off = 0;  // bit g: most backends of a service of group g fail for this node alone
  std::uint64_t pair_digest = 0, schedule_digest = 0;
  std::vector<Lan> lans;                // by LAN of the plan
  std::vector<std::uint8_t> penalties;  // by group: taken off its VRRP priority, e.g. for services without a backend

  // A LAN that nothing was told of yet is none that helps.
  bool has_link(std::size_t lan) const { return lan < lans.size() && lans[lan].link; }
  bool has_witness(std::size_t lan) const { return lan < lans.size() && lans[lan].witness; }
};

struct Change {
  GroupId group{};
  Role before{}, after{};
  Cause cause{};
  std::uint16_t term = 0;
};

// VRRP of a group goes out on all its LANs.
struct Orders {
  struct Vrrp {
    GroupId group{};
    std::uint8_t priority = 0;
  };
  bool hello = false;
  bool woke = false;                // we did not run for more than half the dead time
  std::vector<std::size_t> probes;  // LANs
  std::vector<Vrrp> adverts;
  std::vector<GroupId> announce;
  std::vector<Change> changes;
  Roles roles;
};

}  // namespace tandem::ha
