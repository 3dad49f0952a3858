// SPDX-License-Identifier: Apache-2.0
#include "controlplane/api/describe.h"

#include <algorithm>

#include "controlplane/config/units.h"
#include "dataplane/stats/drop_reason.h"

namespace tandem {
namespace {

double seconds_between(Instant from, Instant to) { return std::chrono::duration<double>(to - from).count(); }

// Each share is of the weights that take part now.
double weight_in_play(NodeState& node, const std::string& service) {
  double sum = 0;
  for (const BackendRow* row : node.board().of(service)) sum += row->eligible() ? row->weight : 0;
  return sum;
}

std::string decided_by(NodeState& node, const std::string& service) {
  const std::string& by = node.board().service(service).decided_by;
  return by.empty() ? node.config().node.name : by;
}

void add_backend(api::Service& out, const api::Backend& backend) {
  out.kept += backend.kept ? 1 : 0;
  out.suspects += backend.suspect ? 1 : 0;
  ++out.backends_total;
  out.backends_eligible += backend.eligible ? 1 : 0;
  out.new_connections_total += backend.new_connections_total;
  out.active_connections += backend.active_connections;
  out.new_connections_per_second += backend.new_connections_per_second;
  out.received_packets += backend.received_packets, out.received_bytes += backend.received_bytes;
  out.transmitted_packets += backend.transmitted_packets, out.transmitted_bytes += backend.transmitted_bytes;
}

bool takes_connections(NodeState& node, const std::string& service) {
  const std::vector<BackendRow*> rows = node.board().of(service);
  return std::any_of(rows.begin(), rows.end(), [](const BackendRow* row) { return row->eligible(); });
}

// On its fallback its clients are served, but not as they should be.
std::string state_of(const api::Service& service) {
  if (service.on_fallback) return "degraded";
  if (service.backends_eligible == 0) return "down";
  return service.backends_eligible == service.backends_total ? "up" : "degraded";
}

}  // namespace

std::string name_of(ForwardingMethod method) {
  constexpr const char* kNames[] = {"nat", "l2-dsr", "full-nat", "ipip", "gue"};
  return kNames[static_cast<std::size_t>(method)];
}

std::string name_of(ClientAddress how) {
  constexpr const char* kNames[] = {"none", "proxy-v2", "toa"};
  return kNames[static_cast<std::size_t>(how)];
}

std::string name_of(SchedulerKind kind) {
  constexpr const char* kNames[] = {"consistent-round-robin", "round-robin", "maglev", "least-connections", "source-hash", "single-writer"};
  return kNames[static_cast<std::size_t>(kind)];
}

api::Backend describe(const BackendRow& row, NodeState& node, const Sample& sample) {
  const BackendSums sums = sample.of(row.slots);
  api::Backend out;
  out.service = row.service, out.name = row.name, out.address = to_string(row.address.address), out.port = row.address.port;
  out.slot = row.slots.empty() ? 0 : index(row.slots.front());
  out.state = name_of(row.state()), out.admin_state = name_of(row.admin), out.check_state = name_of(row.check);
  out.verdict = row.check == CheckState::none ? "none" : name_of(row.held), out.kept = row.kept;
  if (row.check != CheckState::none) out.decided_by = decided_by(node, row.service);
  if (row.told) out.peer_check_state = name_of(row.told->sight);
  out.check_text = row.check_text, out.check_duration_seconds = row.check_duration_seconds;
  out.weight = row.weight, out.configured_weight = row.configured_weight, out.eligible = row.eligible();
  out.new_connections_total = sums.new_connections, out.active_connections = sums.live(), out.exceptions_total = sums.exceptions;
  out.lent_connections_total = sums.lent;
  out.new_connections_per_second = node.rates().new_connections_per_second(row.slots);
  const double weights = weight_in_play(node, row.service);
  out.share = row.eligible() && weights > 0 ? row.weight / weights : 0;
  out.received_packets = sums.received_packets, out.received_bytes = sums.received_bytes;
  out.transmitted_packets = sums.transmitted_packets, out.transmitted_bytes = sums.transmitted_bytes;
  out.closed = {
      {"finished", sums.closed_finished}, {"reset", sums.closed_reset}, {"expired", sums.closed_expired}, {"cut", sums.closed_cut}};
  out.unanswered_syns_total = sums.unanswered_syns, out.state_changes_total = row.state_changes;
  out.answered_connections_total = sums.answered, out.refused_connections_total = sums.refused;
  out.suspect = row.passive.openings.is_suspect(), out.advised_checks_total = row.passive.advised;
  out.recent_openings = row.passive.openings.recent().all(), out.recent_failures = row.passive.openings.recent().failed();
  out.since_seconds = seconds_between(row.since, node.now());
  out.last_change_timestamp_seconds = row.last_change_timestamp_seconds;
  out.overlay = row.overlay;
  return out;
}

namespace {

// By the kinds that metrics name; none where the service has no limit at all.
api::Counts named(const Limits& limits) {
  if (!limits.any()) return {};
  return {{"connections", limits.connections_cps},
          {"packets", limits.packets_pps},
          {"source_connections", limits.source_connections_cps},
          {"source_packets", limits.source_packets_pps}};
}

}  // namespace

api::Service describe(const config::Service& service, NodeState& node, const Sample& sample, bool with_backends) {
  api::Service out;
  out.name = service.name, out.forwarding = name_of(service.forwarding), out.scheduler = name_of(service.scheduler);
  out.client_address = name_of(service.client_address);
  for (const config::Listen& listen : service.listen) out.listen.push_back(config::to_string(listen));
  for (const BackendRow* row : node.board().of(service.name)) {
    out.backends.push_back(describe(*row, node, sample));
    add_backend(out, out.backends.back());
  }
  out.fallback = service.fallback;
  out.on_fallback = out.backends_eligible == 0 && !service.fallback.empty() && takes_connections(node, service.fallback);
  out.state = state_of(out);
  out.panic_threshold_percent = service.panic_threshold, out.cut_off = node.board().service(service.name).cut_off.is_so();
  if (service.passive) out.passive_failed = service.passive->failed, out.passive_of = service.passive->of;
  if (service.check.type != config::CheckType::none) out.decided_by = decided_by(node, service.name);
  out.limits = named(service.limit);
  if (const auto limited = sample.limited.find(service.name); limited != sample.limited.end()) out.limited = limited->second;
  if (!with_backends) out.backends.clear();
  return out;
}

std::vector<api::Service> describe_services(NodeState& node, const Sample& sample, bool with_backends) {
  std::vector<api::Service> out;
  for (const config::Service& service : node.config().service) out.push_back(describe(service, node, sample, with_backends));
  return out;
}

api::Check describe_check(const BackendRow& row, Instant now) {
  api::Check out;
  out.service = row.service, out.backend = row.name, out.type = row.check_type, out.state = name_of(row.check), out.text = row.check_text;
  out.results = row.check_results;
  out.last_duration_seconds = row.check_duration_seconds, out.since_seconds = seconds_between(row.check_since, now);
  out.duration_sum_seconds = row.check_duration_sum;
  api::Count sum = 0;
  for (const api::Count each : row.check_buckets) out.duration_buckets.push_back(sum += each);
  return out;
}

std::vector<api::Check> describe_checks(NodeState& node, const std::string& service) {
  std::vector<api::Check> out;
  for (const BackendRow* row : node.board().all())
    if (service.empty() || row->service == service) out.push_back(describe_check(*row, node.now()));
  return out;
}

api::OverlayEntry describe_entry(const config::OverlayEntry& entry, const config::Config& config) {
  api::OverlayEntry out;
  out.id = entry.id, out.service = entry.service, out.backend = entry.backend;
  out.field = config::to_string(entry.field), out.value = entry.value;
  out.user = entry.user, out.reason = entry.reason, out.time = config::format_time(entry.time);
  if (entry.ttl) out.ttl_seconds = static_cast<double>(entry.ttl->count());
  out.orphaned = config::is_orphaned(entry, config);
  return out;
}

api::Drops describe_drops(NodeState& node, const Sample& sample) {
  api::Drops out{sample.balance, {}};
  for (const DropReasonText& reason : kDropReasonTexts) {
    const std::string name{reason.name};
    const auto packets = sample.balance.dropped.find(name);
    out.reasons.push_back({name, std::string{reason.text}, packets == sample.balance.dropped.end() ? 0 : packets->second,
                           node.rates().drops_per_second(name)});
  }
  return out;
}

}  // namespace tandem
