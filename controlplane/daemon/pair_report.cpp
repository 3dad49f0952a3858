// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/pair_report.h"

#include <algorithm>

namespace tandem {
namespace {

double seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

api::HaPath report_path(const pair::Half& half, std::size_t path, Instant now) {
  const pair::PathStats& stats = half.path_stats(path);
  api::HaPath out;
  out.name = path == ha::kSyncPath ? "sync" : half.view().pair.lans[path - 1].name;
  out.up = half.machine().paths().alive(path, now, half.machine().dead_time());
  if (stats.last) out.last_heard_seconds = seconds(now - *stats.last);
  out.sent = stats.sent, out.not_sent = stats.not_sent, out.received = stats.received, out.gap_sum_seconds = stats.gap_sum_seconds;
  for (const auto& [reason, count] : stats.rejected) out.rejected[reason] = count;
  api::Count sum = 0;
  for (const std::uint64_t each : stats.gaps) out.gap_buckets.push_back(sum += each);
  return out;
}

std::string peer_role(const pair::Half& half, const ha::Group& group, Instant now) {
  if (!half.machine().peer_alive(now) || !half.machine().peer()) return "unknown";
  const ha::GroupReport* report = half.machine().peer()->group(group.key());
  return report == nullptr ? "unknown" : std::string{name_of(report->role)};
}

api::HaGroup report_group(const pair::Half& half, const ha::Group& group, Instant now) {
  const GroupId id = group.id();
  const pair::GroupStats& stats = half.group_stats(id);
  api::HaGroup out;
  out.name = group.plan().name, out.role = name_of(group.role()), out.active = ha::serves(group.role());
  out.peer_role = peer_role(half, group, now), out.cause = name_of(group.last_cause());
  std::vector<IpAddress> addresses;
  for (const auto& lan : half.view().pair.groups[index(id)].lans)
    addresses.insert(addresses.end(), lan.addresses.begin(), lan.addresses.end());
  std::sort(addresses.begin(), addresses.end());
  out.addresses = static_cast<api::Count>(std::unique(addresses.begin(), addresses.end()) - addresses.begin());
  out.priority = half.machine().priority(id, half.local()), out.term = group.term(), out.preferred = group.plan().preferred;
  out.since_seconds = seconds(now - group.since());
  out.last_transition_timestamp_seconds = stats.last_transition_wall_seconds, out.last_takeover_seconds = stats.last_takeover_seconds;
  out.conflicts = half.machine().conflicts(id), out.strangers = stats.strangers;
  out.adverts_sent = stats.adverts_sent, out.adverts_received = stats.adverts_received;
  out.announced_arp = stats.announced_arp, out.announced_na = stats.announced_na;
  // Each from the start, so that a rate over the first is not missed.
  for (const ha::Role to : {ha::Role::standby, ha::Role::active, ha::Role::yielding})
    for (std::size_t cause = 1; cause < static_cast<std::size_t>(ha::Cause::count_); ++cause)
      out.transitions[std::string{name_of(to)}][std::string{name_of(static_cast<ha::Cause>(cause))}] = 0;
  for (const auto& [change, count] : stats.transitions) out.transitions[change.first][change.second] = count;
  if (out.active) out.refusal = half.refuse_failover(id, now).value_or("");
  return out;
}

api::HaSync report_sync(const pair::Half& half, Instant now) {
  api::HaSync out;
  const sync::Flows* flows = half.flows();
  if (flows == nullptr) return out;
  const sync::FlowSender::Counts sent = flows->sent();
  const sync::FlowReceiver::Counts received = flows->received();
  out.on = true, out.walking = flows->walking(), out.records_sent = sent.records, out.records_lost = sent.lost_records;
  out.records_received = received.records, out.records_late = received.late, out.records_not_understood = received.passed_by;
  out.bytes_sent = half.flow_bytes_sent(), out.bytes_received = half.flow_bytes_heard();
  out.queue_records = flows->records_under_way(), out.lag_seconds = seconds(flows->lag(now));
  const sync::Flows::Progress& progress = flows->progress();
  out.walked_records = progress.walked, out.peer_full = flows->peer_is_full();
  out.digest_compared = flows->compared().compared, out.digest_differing = flows->compared().differing;
  if (progress.began) out.walk_seconds = seconds(progress.ended.value_or(now) - *progress.began);
  return out;
}

}  // namespace

api::Ha report_pair(const pair::Half& half, Instant now) {
  const ha::Pair& machine = half.machine();
  api::Ha out;
  out.configured = true, out.node = half.view().pair.node;
  out.mode = machine.plan().mode == config::HaMode::pair ? "pair" : "vrrp";
  out.elects = machine.by_vrrp_alone(half.local(), now) ? "vrrp" : "hellos", out.keys = half.key_text(now);
  if (half.session() != nullptr && half.session()->peer() != nullptr) out.peer = half.session()->peer()->node.name;
  out.peer_up = machine.peer_alive(now), out.ready = machine.own().ready;
  if (out.peer_up && machine.peer()) {
    out.in_step = machine.peer()->in_step, out.peer_in_step = machine.own().in_step;
    out.same_config = machine.peer()->pair_digest == machine.own().pair_digest;
    out.same_schedule = machine.peer()->schedule_digest == machine.own().schedule_digest;
  }
  out.interval_seconds = seconds(machine.plan().interval), out.dead_time_seconds = seconds(machine.dead_time());
  out.worst_gap_seconds = seconds(half.worst_gap(now)), out.hold_seconds = seconds(machine.hold_left(now));
  out.sync = report_sync(half, now);
  for (std::size_t path = 0; path < half.path_count(); ++path)
    if (path != ha::kSyncPath || machine.plan().has_sync_path) out.paths.push_back(report_path(half, path, now));
  for (const ha::Group& group : machine.groups()) out.groups.push_back(report_group(half, group, now));
  return out;
}

}  // namespace tandem
