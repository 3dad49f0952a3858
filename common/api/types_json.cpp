// SPDX-License-Identifier: Apache-2.0
#include "common/api/json_fields.h"
#include "common/api/types.h"

namespace nlohmann {

template <typename T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& out, const std::optional<T>& value) { value ? out = json(*value) : out = nullptr; }
  static void from_json(const json& in, std::optional<T>& value) { in.is_null() ? value.reset() : void(value = in.get<T>()); }
};

}  // namespace nlohmann

namespace tandem::api {

TANDEM_FIELDS(Version, version, revision, dpdk_version, node, api)
TANDEM_FIELDS(Event, time, kind, severity, object, user, reason, text)
TANDEM_FIELDS(Warning, object, text, since, overlay)
TANDEM_FIELDS(Backend, service, name, address, port, slot, state, admin_state, check_state, check_text, verdict, decided_by,
              peer_check_state, kept, check_duration_seconds, weight, configured_weight, eligible, new_connections_total,
              active_connections, exceptions_total, lent_connections_total, new_connections_per_second, share, received_packets,
              received_bytes, transmitted_packets, transmitted_bytes, closed, unanswered_syns_total, state_changes_total,
              answered_connections_total, refused_connections_total, suspect, recent_openings, recent_failures, advised_checks_total,
              since_seconds, last_change_timestamp_seconds, overlay)
TANDEM_FIELDS(Service, name, listen, forwarding, client_address, scheduler, state, fallback, on_fallback, backends_eligible, backends_total,
              new_connections_total, active_connections, new_connections_per_second, received_packets, received_bytes, transmitted_packets,
              transmitted_bytes, decided_by, panic_threshold_percent, kept, cut_off, passive_failed, passive_of, suspects, rejected, limits,
              limited, backends)
TANDEM_FIELDS(Check, service, backend, type, state, text, results, last_duration_seconds, since_seconds, duration_buckets,
              duration_sum_seconds)
TANDEM_FIELDS(Connection, proto, client, vip, service, backend, source, state, origin, age_seconds, idle_seconds, worker, exception,
              adopted)
TANDEM_FIELDS(Source, address, group, gives, connections_tcp, connections_udp, free_tcp, free_udp, capacity)
TANDEM_FIELDS(Port, name, device, driver, interface, mac, twin, note, up, speed_bytes, mtu_bytes, queues_rx, queues_tx, rx_packets,
              rx_bytes, tx_packets, tx_bytes, rx_missed, rx_errors, rx_no_buffer, tx_errors, tx_queue_full, link_changes)
TANDEM_FIELDS(Worker, worker, core, socket, busy_ratio, busy_seconds, loop_max_seconds, heartbeat_age_seconds, packets_total, polls_empty,
              polls_packets, entries, capacity, half_open, flood, handover_in, handover_out, lookups_hit, lookups_miss, inserts_local,
              inserts_sync, insert_failures, removed, orphans, icmp_errors, own_segments, client_addresses, denied, loop_buckets,
              burst_buckets, loop_sum_seconds)
TANDEM_FIELDS(Balance, rx, injected, originated, tx, consumed, held, punted, dropped, untaken)
TANDEM_FIELDS(DropReasonRow, reason, text, packets, packets_per_second)
TANDEM_FIELDS(Drops, balance, reasons)
TANDEM_FIELDS(Rates, packets_per_second, new_connections_per_second, drops_per_second)
TANDEM_FIELDS(Status, node, state, serving, hugepages, healthd_up, reasons, uptime_seconds, busiest_ratio, worst_loop_seconds, config_hash,
              generation, workers, connections_entries, connections_capacity, now, peak, services, warnings, events)
TANDEM_FIELDS(HaPath, name, up, last_heard_seconds, sent, not_sent, received, rejected, gap_buckets, gap_sum_seconds)
TANDEM_FIELDS(HaGroup, name, role, peer_role, cause, addresses, priority, term, preferred, active, since_seconds,
              last_transition_timestamp_seconds, last_takeover_seconds, conflicts, strangers, adverts_sent, adverts_received, announced_arp,
              announced_na, transitions, refusal)
TANDEM_FIELDS(HaSync, on, walking, records_sent, records_received, records_lost, records_late, records_not_understood, bytes_sent,
              bytes_received, queue_records, walked_records, lag_seconds, walk_seconds, applied, peer_full, digest_compared,
              digest_differing, digest_repaired)
TANDEM_FIELDS(Ha, configured, node, peer, mode, elects, keys, peer_up, in_step, peer_in_step, same_config, same_schedule, ready,
              interval_seconds, dead_time_seconds, worst_gap_seconds, hold_seconds, sync, paths, groups)
TANDEM_FIELDS(OverlayEntry, id, service, backend, field, value, user, reason, time, ttl_seconds, orphaned)
TANDEM_FIELDS(GuardEntry, id, list, prefix, service, state, user, reason, node, time, ends, ttl_seconds)
TANDEM_FIELDS(GuardRefusal, prefix, why)
TANDEM_FIELDS(GuardChange, changed, entries, refused, peer_silence)
TANDEM_FIELDS(ConfigChange, path, before, after)
TANDEM_FIELDS(ConfigVersion, config_hash, time, user, reason, current)
TANDEM_FIELDS(Applied, config_hash, generation, changes)
TANDEM_FIELDS(Pool, name, available, capacity)
TANDEM_FIELDS(Heap, socket, used_bytes, free_bytes)
TANDEM_FIELDS(Snapshot, version, status, balance, services, checks, ports, workers, sources, pools, heaps, overlay_by_kind, guard_prefixes,
              overlay_entries, log_errors, log_warnings, log_info, reloads, last_reload_successful, last_reload_timestamp_seconds,
              start_time_seconds, events_by_kind, requests, request_duration_buckets, request_duration_sum_seconds, process_cpu_seconds,
              process_resident_bytes, process_open_fds, ha)
TANDEM_FIELDS(CheckJob, service, backend, slot, address, type, path, host, expect, ca, sni, port, interval_ms, timeout_ms, rise, fall,
              jitter, verify, proxy_header, vip, mark)
TANDEM_FIELDS(CheckVerdict, service, backend, slot, up, final, text, result, duration_seconds)
TANDEM_FIELDS(CheckRun, token, ok, text, duration_seconds, dialogue)
TANDEM_FIELDS(Killed, matched, here, at_peer, missed)

}  // namespace tandem::api
