// SPDX-License-Identifier: Apache-2.0
// What the API carries, once for daemon, CLI, healthd and exporter: a struct's fields are the JSON object's keys, units in
// their names. A field that is missing keeps its default and one that is unknown is ignored, so versions can differ by one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace tandem::api {

using Count = std::uint64_t;
using Counts = std::map<std::string, Count>;

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

// A source address of full-nat.
struct Source {
  std::string address, group;
  bool gives = true;                               // false: it left the configuration, and keeps the connections that it has
  Count connections_tcp = 0, connections_udp = 0;  // through either node
  Count free_tcp = 0, free_udp = 0, capacity = 0;  // ports that this node may take now: capacity of each protocol
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

struct OverlayEntry {
  Count id = 0;
  std::string service, backend, field, value, user, reason, time;
  std::optional<double> ttl_seconds;
  bool orphaned = false;
};

// A prefix of a deny list, or of an allow list.
struct GuardEntry {
  Count id = 0;
  std::string list, prefix;              // list: deny, allow
  std::string service;                   // empty: of all services
  std::string state;                     // in force; protected: [protect] overrules it; orphaned: its service left the configuration
  std::string user, reason, node, time;  // node: where it was said
  std::string ends;                      // empty: until it is taken back
  std::optional<double> ttl_seconds;     // until then
};

struct GuardRefusal {
  std::string prefix, why;
};

struct GuardChange {
  Count changed = 0;
  std::vector<GuardEntry> entries;  // as they are now, of at most a hundred
  std::vector<GuardRefusal> refused;
  std::string peer_silence;  // why the other node has not heard it yet; empty: it is told, or there is none
};

struct ConfigChange {
  std::string path, before, after;
};

struct ConfigVersion {
  std::string config_hash, time, user, reason;
  bool current = false;
};

struct Applied {
  std::string config_hash;
  Count generation = 0;
  std::vector<ConfigChange> changes;
};

struct Pool {
  std::string name;
  Count available = 0, capacity = 0;
};

// Memory of one NUMA node that packets and tables live in.
struct Heap {
  Count socket = 0, used_bytes = 0, free_bytes = 0;
};

// Everything at one moment: what the exporter's families are made of.
struct Snapshot {
  Version version;
  Status status;
  Balance balance;
  std::vector<Service> services;  // with backends
  std::vector<Check> checks;
  std::vector<Port> ports;
  std::vector<Worker> workers;
  std::vector<Source> sources;
  std::vector<Pool> pools;
  std::vector<Heap> heaps;
  Counts overlay_by_kind;  // admin_state, weight
  Counts guard_prefixes;   // deny, allow
  Count overlay_entries = 0, log_errors = 0, log_warnings = 0, log_info = 0;
  Counts reloads;  // success, failure
  bool last_reload_successful = true;
  double last_reload_timestamp_seconds = 0, start_time_seconds = 0;
  Counts events_by_kind;
  std::map<std::string, Counts> requests;  // method → result → count
  std::vector<Count> request_duration_buckets;
  double request_duration_sum_seconds = 0;
  Ha ha;
  double process_cpu_seconds = 0;
  Count process_resident_bytes = 0, process_open_fds = 0;
};

// One check as healthd is to run it.
struct CheckJob {
  std::string service, backend;
  Count slot = 0;
  std::string address, type, path, host, expect, ca, sni;
  std::uint16_t port = 0;
  Count interval_ms = 1000, timeout_ms = 500, rise = 2, fall = 3;
  double jitter = 0.1;
  bool verify = true;
  std::string vip;            // asked for at `address` as a client's packet does; empty: `address` itself
  Count mark = 0;             // the DSCP by which the node's kernel knows which VIP is meant
  bool proxy_header = false;  // the port asked expects a header of the PROXY protocol first
};

struct CheckVerdict {
  std::string service, backend;
  Count slot = 0;
  bool up = false;
  bool final = false;        // rise or fall is reached: this is the state now
  std::string text, result;  // result: ok, refused, timeout, status, tls, error
  double duration_seconds = 0;
};

// What became of an order to end connections.
struct Killed {
  Count matched = 0, here = 0, at_peer = 0;
  Count missed = 0;  // matched, but a worker took no more orders at that moment
};

struct CheckRun {
  std::string token;
  bool ok = false;
  std::string text;
  double duration_seconds = 0;
  std::vector<std::string> dialogue;
};

// Closed lists, so that every value is there at 0 before it first happens.
inline const std::vector<std::string> kEventKinds{"backend_down", "backend_up", "capture", "config",   "conflict", "cut_off",   "flood",
                                                  "gap",          "guard",      "healthd", "history",  "hold",     "keys",      "killed",
                                                  "link",         "overlay",    "panic",   "peer",     "port",     "publish",   "role",
                                                  "start",        "steering",   "stop",    "stranger", "sync",     "table_full"};
inline const std::vector<std::string> kRequestResults{"ok", "refused", "error"};

// Bounds of cumulative buckets, seconds; each list is followed by one more bucket for all.
inline const std::vector<double> kCheckBucketsSeconds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
inline const std::vector<double> kLoopBucketsSeconds{1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 2e-2};
inline const std::vector<double> kBurstBucketsPackets{0, 1, 2, 4, 8, 16, 32};
inline const std::vector<double> kGapBucketsSeconds{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6};
inline const std::vector<double> kRequestBucketsSeconds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};

// To and from JSON, for nlohmann::json's own conversions. Defined once (types_json.cpp): the library writes them as inline
// functions, and every file that included this would compile all of them anew.
#define TANDEM_AS_JSON(Type)                         \
  void to_json(nlohmann::json& out, const Type& in); \
  void from_json(const nlohmann::json& in, Type& out)
TANDEM_AS_JSON(Version);
TANDEM_AS_JSON(Event);
TANDEM_AS_JSON(Warning);
TANDEM_AS_JSON(Backend);
TANDEM_AS_JSON(Service);
TANDEM_AS_JSON(Check);
TANDEM_AS_JSON(Connection);
TANDEM_AS_JSON(Port);
TANDEM_AS_JSON(Source);
TANDEM_AS_JSON(Worker);
TANDEM_AS_JSON(Balance);
TANDEM_AS_JSON(DropReasonRow);
TANDEM_AS_JSON(Drops);
TANDEM_AS_JSON(Rates);
TANDEM_AS_JSON(Status);
TANDEM_AS_JSON(HaPath);
TANDEM_AS_JSON(HaGroup);
TANDEM_AS_JSON(HaSync);
TANDEM_AS_JSON(Ha);
TANDEM_AS_JSON(OverlayEntry);
TANDEM_AS_JSON(GuardEntry);
TANDEM_AS_JSON(GuardRefusal);
TANDEM_AS_JSON(GuardChange);
TANDEM_AS_JSON(ConfigChange);
TANDEM_AS_JSON(ConfigVersion);
TANDEM_AS_JSON(Applied);
TANDEM_AS_JSON(Pool);
TANDEM_AS_JSON(Heap);
TANDEM_AS_JSON(Snapshot);
TANDEM_AS_JSON(CheckJob);
TANDEM_AS_JSON(CheckVerdict);
TANDEM_AS_JSON(CheckRun);
TANDEM_AS_JSON(Killed);
#undef TANDEM_AS_JSON

}  // namespace tandem::api
