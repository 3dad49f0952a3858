// SPDX-License-Identifier: Apache-2.0
// One node: its ports, workers, memory, what its packets became, and how it is. See types.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/api/count.h"
#include "common/api/site_types.h"

namespace tandem::api {

struct Version {
  std::string version, revision, dpdk_version;
  int api = 1;
  std::string node;  // who answers
};

struct Event {
  std::string time, kind, severity, object, user, reason, text;  // time: RFC 3339
};

struct Warning {
  std::string object, text, since;
  std::optional<Count> overlay;
};

struct Port {
  std::string name, device, driver, interface, mac, twin, note;
  bool up = false;
  Count speed_bytes = 0, mtu_bytes = 0, queues_rx = 0, queues_tx = 0;
  Count rx_packets = 0, rx_bytes = 0, tx_packets = 0, tx_bytes = 0;
  Count rx_missed = 0, rx_errors = 0, rx_no_buffer = 0, tx_errors = 0, tx_queue_full = 0, link_changes = 0;
};

struct Worker {
  Count worker = 0, core = 0, socket = 0;  // socket: NUMA node
  double busy_ratio = 0, busy_seconds = 0, loop_max_seconds = 0, heartbeat_age_seconds = 0;
  Count packets_total = 0, polls_empty = 0, polls_packets = 0;
  Count entries = 0, capacity = 0, half_open = 0, handover_in = 0, handover_out = 0;
  Count lookups_hit = 0, lookups_miss = 0, inserts_local = 0, inserts_sync = 0;
  bool flood = false;  // SYNs are not remembered
  Counts insert_failures, removed, orphans, icmp_errors, own_segments, client_addresses, denied;
  std::vector<Count> loop_buckets, burst_buckets;  // cumulative, last is all
  double loop_sum_seconds = 0;
};

struct Balance {
  Count rx = 0, injected = 0, originated = 0, tx = 0, consumed = 0, held = 0;
  Counts punted, dropped;  // all classes and reasons, also those at 0
  Counts untaken;          // never came in: frames of our own side that no worker took; injected, heartbeat
};

struct DropReasonRow {
  std::string reason, text;
  Count packets = 0;
  double packets_per_second = 0;
};

struct Drops {
  Balance balance;
  std::vector<DropReasonRow> reasons;
};

struct Rates {
  double packets_per_second = 0, new_connections_per_second = 0, drops_per_second = 0;
};

struct Pool {
  std::string name;
  Count available = 0, capacity = 0;
};

// Memory of one NUMA node that packets and tables live in.
struct Heap {
  Count socket = 0, used_bytes = 0, free_bytes = 0;
};

struct Status {
  std::string node, state;  // state: ok, degraded, critical
  bool serving = false, hugepages = false, healthd_up = false;
  std::vector<std::string> reasons;  // why it is not ok
  double uptime_seconds = 0, busiest_ratio = 0, worst_loop_seconds = 0;
  std::string config_hash;
  Count generation = 0, workers = 0, connections_entries = 0, connections_capacity = 0;
  Rates now, peak;  // peak: the busiest second of the last minute
  std::vector<Service> services;
  std::vector<Warning> warnings;
  std::vector<Event> events;  // the five newest
};

}  // namespace tandem::api
