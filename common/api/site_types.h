// SPDX-License-Identifier: Apache-2.0
// What an operator configures, and what is there now: services, backends, their checks, connections. See types.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/api/count.h"

namespace tandem::api {

struct Backend {
  std::string service, name, address;
  std::uint16_t port = 0;
  Count slot = 0;
  std::string state, admin_state;
  std::string check_state, check_text;  // what this node's own checks say
  std::string verdict, decided_by;      // what holds: up, down, unknown or none; by the checks of this node
  std::string peer_check_state;         // what the peer's checks say; empty: not told
  bool kept = false;                    // down, and in service all the same: the panic threshold
  double check_duration_seconds = 0;
  double weight = 0, configured_weight = 0;
  bool eligible = false;
  Count new_connections_total = 0, active_connections = 0, exceptions_total = 0;
  Count lent_connections_total = 0;  // of the new ones: came to another service, whose fallback this one's is
  double new_connections_per_second = 0, share = 0;
  Count received_packets = 0, received_bytes = 0, transmitted_packets = 0, transmitted_bytes = 0;
  Counts closed;  // finished, reset, expired
  Count unanswered_syns_total = 0, state_changes_total = 0;
  Count answered_connections_total = 0, refused_connections_total = 0;  // where replies pass us; 0 elsewhere
  bool suspect = false;                                                 // too many of its last openings failed (passive)
  Count recent_openings = 0, recent_failures = 0;                       // which those were
  Count advised_checks_total = 0;                                       // checks that were asked at once for it
  double since_seconds = 0, last_change_timestamp_seconds = 0;
  std::optional<Count> overlay;
};

struct Service {
  std::string name;
  std::vector<std::string> listen;  // "203.0.113.10:80/tcp"
  std::string forwarding, scheduler, state;
  std::string client_address;  // how backends are told their clients' addresses: none, proxy-v2, toa
  std::string fallback;        // a service; empty: none
  bool on_fallback = false;    // no own backend takes new connections, and one of the fallback's does
  Count backends_eligible = 0, backends_total = 0;
  Count new_connections_total = 0, active_connections = 0;
  double new_connections_per_second = 0;
  Count received_packets = 0, received_bytes = 0, transmitted_packets = 0, transmitted_bytes = 0;
  std::string decided_by;                       // the node whose checks decide about backends
  Count panic_threshold_percent = 0, kept = 0;  // kept: backends that are down and stay in service
  bool cut_off = false;                         // most backends fail here, and the peer sees them up
  Count passive_failed = 0, passive_of = 0;     // so many of the last openings make a backend suspect; 0 of 0: not looked at
  Count suspects = 0;                           // backends that are
  Counts rejected;                              // new connections not made, by reason
  Counts limits, limited;                       // what may come at most (0: any number), and packets over it; by kind
  std::vector<Backend> backends;                // service.show and stats.snapshot
};

struct Check {
  std::string service, backend, type, state, text;
  Counts results;  // ok, refused, timeout, status, tls, error
  double last_duration_seconds = 0, since_seconds = 0;
  std::vector<Count> duration_buckets;  // cumulative, bounds in kCheckBucketsSeconds, last is all
  double duration_sum_seconds = 0;
};

struct Connection {
  std::string proto, client, vip, service, backend, state, origin;
  std::string source;  // full-nat: what the backend sees as its client; else empty
  double age_seconds = 0, idle_seconds = 0;
  Count worker = 0;
  bool exception = false, adopted = false;
};

// What became of an order to end connections.
struct Killed {
  Count matched = 0, here = 0, at_peer = 0;
  Count missed = 0;  // matched, but a worker took no more orders at that moment
};

// A source address of full-nat.
struct Source {
  std::string address, group;
  bool gives = true;                               // false: it left the configuration, and keeps the connections that it has
  Count connections_tcp = 0, connections_udp = 0;  // through either node
  Count free_tcp = 0, free_udp = 0, capacity = 0;  // ports that this node may take now: capacity of each protocol
};

}  // namespace tandem::api
