// SPDX-License-Identifier: Apache-2.0
// The pair: roles, hellos, announcements. A node alone has none of these families.
#include "controlplane/exporter/families.h"

namespace tandem::exporter {
namespace {

// Every reason from the start, so that a rate over the first rejection is not missed.
constexpr const char* kRejectReasons[] = {"authentication", "replay",    "version",     "unknown_epoch",
                                          "key_mismatch",   "malformed", "rate_limited"};

void add_path(Sheet& sheet, const api::HaPath& path) {
  sheet.add(Metric::ha_link_up, {path.name}, path.up);
  sheet.add(Metric::ha_heartbeats_sent_total, {path.name}, path.sent);
  sheet.add(Metric::ha_heartbeats_received_total, {path.name}, path.received);
  api::Counts rejected = path.rejected;
  for (const char* reason : kRejectReasons) rejected.try_emplace(reason, 0);
  sheet.add_each(Metric::ha_heartbeats_rejected_total, {path.name}, rejected);
  sheet.add_histogram(Metric::ha_heartbeat_gap_seconds, {path.name}, api::kGapBucketsSeconds, path.gap_buckets, path.gap_sum_seconds);
}

void add_group(Sheet& sheet, const api::HaGroup& group) {
  sheet.add(Metric::ha_group_active, {group.name}, group.active);
  sheet.add(Metric::ha_group_priority, {group.name}, group.priority);
  for (const auto& [to, causes] : group.transitions) sheet.add_each(Metric::ha_transitions_total, {group.name, to}, causes);
  sheet.add(Metric::ha_conflicts_total, {group.name}, group.conflicts);
  sheet.add(Metric::ha_stranger_claims_total, {group.name}, group.strangers);
  sheet.add(Metric::ha_last_transition_timestamp_seconds, {group.name}, group.last_transition_timestamp_seconds);
  sheet.add(Metric::ha_last_takeover_duration_seconds, {group.name}, group.last_takeover_seconds);
  sheet.add_each(Metric::ha_announcements_sent_total, {group.name}, {{"arp", group.announced_arp}, {"na", group.announced_na}});
  sheet.add_each(Metric::ha_adverts_total, {group.name}, {{"sent", group.adverts_sent}, {"received", group.adverts_received}});
}

constexpr const char* kAppliedResults[] = {
    "inserted",        "replaced",        "merged",   "reported",        "removed",         "mended", "ignored",
    "unknown_service", "unknown_backend", "conflict", "reply_key_taken", "half_open_quota", "full"};

void add_sync(Sheet& sheet, const api::HaSync& sync) {
  sheet.add(Metric::sync_records_sent_total, {}, sync.records_sent);
  sheet.add(Metric::sync_records_received_total, {}, sync.records_received);
  sheet.add(Metric::sync_records_lost_total, {}, sync.records_lost);
  api::Counts applied = sync.applied;
  for (const char* result : kAppliedResults) applied.try_emplace(result, 0);
  sheet.add_each(Metric::sync_records_applied_total, {}, applied);
  sheet.add_each(Metric::sync_bytes_total, {}, {{"sent", sync.bytes_sent}, {"received", sync.bytes_received}});
  sheet.add(Metric::sync_lag_seconds, {}, sync.lag_seconds);
  sheet.add(Metric::sync_queue_records, {}, sync.queue_records);
  sheet.add(Metric::sync_bulk_in_progress, {}, sync.walking);
  sheet.add(Metric::sync_peer_full, {}, sync.peer_full);
  sheet.add(Metric::sync_digest_compared_total, {}, sync.digest_compared);
  sheet.add(Metric::sync_digest_differing_total, {}, sync.digest_differing);
  sheet.add(Metric::sync_digest_repaired_total, {}, sync.digest_repaired);
}

}  // namespace

void add_ha(Sheet& sheet, const api::Ha& ha) {
  if (!ha.configured) return;
  sheet.add(Metric::ha_info, {ha.node, ha.peer}, true);
  sheet.add(Metric::ha_peer_up, {}, ha.peer_up);
  sheet.add(Metric::ha_in_step, {}, ha.in_step && ha.peer_in_step);
  sheet.add(Metric::ha_same_schedule, {}, ha.same_schedule);
  sheet.add(Metric::ha_same_config, {}, ha.same_config);
  sheet.add(Metric::ha_dead_time_seconds, {}, ha.dead_time_seconds);
  sheet.add(Metric::ha_own_gap_worst_seconds, {}, ha.worst_gap_seconds);
  sheet.add(Metric::ha_hold_seconds, {}, ha.hold_seconds);
  add_sync(sheet, ha.sync);
  for (const api::HaPath& path : ha.paths) add_path(sheet, path);
  for (const api::HaGroup& group : ha.groups) add_group(sheet, group);
}

}  // namespace tandem::exporter
