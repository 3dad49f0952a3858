// SPDX-License-Identifier: Apache-2.0
// The pair: its groups, paths and sync. See types.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/api/count.h"

namespace tandem::api {

// One way to the other node: the sync link, or a LAN.
struct HaPath {
  std::string name;
  bool up = false;
  double last_heard_seconds = -1;  // ago; below 0: never
  Count sent = 0, not_sent = 0, received = 0;
  Counts rejected;                 // by reason
  std::vector<Count> gap_buckets;  // cumulative, bounds in kGapBucketsSeconds, last is all
  double gap_sum_seconds = 0;
};

struct HaGroup {
  std::string name, role, peer_role, cause;
  Count addresses = 0, priority = 0, term = 0;
  bool preferred = false, active = false;
  double since_seconds = 0, last_transition_timestamp_seconds = 0, last_takeover_seconds = 0;
  Count conflicts = 0, strangers = 0, adverts_sent = 0, adverts_received = 0, announced_arp = 0, announced_na = 0;
  std::map<std::string, Counts> transitions;  // to → cause → count
  std::string refusal;                        // why a planned failover is not possible now; empty: it is, or not ours to give
};

// State sync: this node's connections told to the other, and the other's learnt.
struct HaSync {
  bool on = false, walking = false;  // walking: all connections are being told, because the other is new or something was lost
  Count records_sent = 0, records_received = 0, records_lost = 0, records_late = 0, records_not_understood = 0;
  Count bytes_sent = 0, bytes_received = 0, queue_records = 0, walked_records = 0;
  double lag_seconds = 0, walk_seconds = 0;
  Counts applied;          // by what became of them
  bool peer_full = false;  // the other has no room: it is told only what the schedule would not choose again
  // Sums of what we hold for the other, laid beside its own: buckets compared, those that truly differed, connections set right.
  Count digest_compared = 0, digest_differing = 0, digest_repaired = 0;
};

// The pair, as this node sees it. `peer` is empty until it was heard.
struct Ha {
  bool configured = false;
  std::string node, peer, mode, elects, keys;  // elects: "hellos" or "vrrp"
  bool peer_up = false, in_step = false, peer_in_step = false, same_config = false, same_schedule = false, ready = false;
  double interval_seconds = 0, dead_time_seconds = 0, worst_gap_seconds = 0, hold_seconds = 0;
  HaSync sync;
  std::vector<HaPath> paths;
  std::vector<HaGroup> groups;
};

}  // namespace tandem::api
