// SPDX-License-Identifier: Apache-2.0
// Status and warnings: am I serving, what changed last, what should somebody look at.
#include <algorithm>

#include "controlplane/api/describe.h"

namespace tandem {
namespace {

constexpr std::size_t kNewest = 5;
constexpr double kHeartbeatLateSeconds = 1.0, kTableNearlyFull = 0.8;

std::string since_text(const BackendRow& row, Instant now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - row.since).count();
  return rfc3339(wall_seconds() - static_cast<double>(seconds));
}

void warn_about_backend(std::vector<api::Warning>& out, const BackendRow& row, Instant now) {
  const std::string object = row.service + "/" + row.name;
  if (row.admin != AdminState::up) out.push_back({object, name_of(row.admin), since_text(row, now), row.overlay});
  else if (row.overlay)
    out.push_back({object, "changed at run time: weight " + std::to_string(row.weight), since_text(row, now), row.overlay});
}

// The verdict that holds, and own checks that say otherwise while the peer's decide.
void warn_about_check(std::vector<api::Warning>& out, const BackendRow& row, const std::string& decided_by, Instant now) {
  const std::string object = row.service + "/" + row.name;
  const bool down = row.held == verdict::Verdict::down, own_down = row.check == CheckState::down;
  const std::string why = own_down || decided_by.empty() ? row.check_text : "decided by " + decided_by + ", this node's check passes";
  if (row.kept) out.push_back({object, "down, and in service by the panic threshold: " + why, since_text(row, now), std::nullopt});
  else if (down) out.push_back({object, "down: " + why, since_text(row, now), std::nullopt});
  else if (own_down) out.push_back({object, "fails its check on this node alone: " + row.check_text, since_text(row, now), std::nullopt});
}

// Faults that make the node less than healthy; `critical` when a service cannot be served at all.
void judge(api::Status& status, const Sample& sample) {
  bool critical = false;
  for (const api::Service& service : status.services) {
    if (service.state == "down")
      critical = true, status.reasons.push_back("service " + service.name + " has no backend for new connections");
    if (service.kept > 0)
      critical = true, status.reasons.push_back("service " + service.name + ": " + std::to_string(service.kept) +
                                                " backends that are down stay in service (panic_threshold " +
                                                std::to_string(service.panic_threshold_percent) + "%)");
    if (service.cut_off)
      critical = true, status.reasons.push_back("service " + service.name + ": most backends fail their checks on this node alone");
    if (service.on_fallback)
      status.reasons.push_back("service " + service.name + " is on its fallback: backends of " + service.fallback +
                               " take its new connections");
    else if (service.state == "degraded")
      status.reasons.push_back("service " + service.name + ": " + std::to_string(service.backends_eligible) + " of " +
                               std::to_string(service.backends_total) + " backends take new connections");
  }
  for (const api::Port& port : sample.ports)
    if (!port.up) critical = true, status.reasons.push_back("port " + port.name + " has no link");
  for (const api::Worker& worker : sample.workers)
    if (worker.heartbeat_age_seconds > kHeartbeatLateSeconds)
      critical = true, status.reasons.push_back("worker " + std::to_string(worker.worker) + " does not run");
  const auto flooded = std::ranges::count_if(sample.workers, &api::Worker::flood);
  if (flooded != 0)
    status.reasons.push_back("flood: " + std::to_string(flooded) + " of " + std::to_string(sample.workers.size()) +
                             " workers forward SYNs without tracking them");
  if (static_cast<double>(status.connections_entries) > kTableNearlyFull * static_cast<double>(status.connections_capacity))
    status.reasons.push_back("the connection table is over 80 % full");
  status.state = critical ? "critical" : status.reasons.empty() ? "ok" : "degraded";
}

void fill_workers(api::Status& status, const Sample& sample) {
  status.workers = sample.workers.size();
  for (const api::Worker& worker : sample.workers) {
    status.busiest_ratio = std::max(status.busiest_ratio, worker.busy_ratio);
    status.worst_loop_seconds = std::max(status.worst_loop_seconds, worker.loop_max_seconds);
    status.connections_entries += worker.entries;
    status.connections_capacity += worker.capacity;
  }
}

bool any_check(NodeState& node) {
  const std::vector<BackendRow*> rows = node.board().all();
  return std::any_of(rows.begin(), rows.end(), [](const BackendRow* row) { return row->check != CheckState::none; });
}

}  // namespace

std::vector<api::Warning> describe_warnings(NodeState& node) {
  std::vector<api::Warning> out;
  for (const BackendRow* row : node.board().all()) {
    warn_about_backend(out, *row, node.now());
    warn_about_check(out, *row, node.board().service(row->service).decided_by, node.now());
  }
  for (const config::OverlayEntry& entry : node.overlay().entries())
    if (config::is_orphaned(entry, node.config()))
      out.push_back({entry.service + "/" + entry.backend, "orphaned: this backend left the configuration; clear it with backend reset", "",
                     entry.id});
  if (!node.healthd_connected() && any_check(node))
    out.push_back({"tandem-healthd", "not connected: the last verdicts are frozen", "", std::nullopt});
  return out;
}

api::Status describe_status(NodeState& node, const Sample& sample) {
  api::Status out;
  out.node = node.config().node.name, out.config_hash = node.config().hash, out.generation = node.generation();
  out.hugepages = node.hugepages(), out.healthd_up = node.healthd_connected(), out.uptime_seconds = node.uptime_seconds();
  fill_workers(out, sample);
  out.now = node.rates().now(), out.peak = node.rates().peak();
  out.services = describe_services(node, sample, false);
  out.warnings = describe_warnings(node);
  const std::deque<api::Event>& events = node.events().events();
  for (auto event = events.rbegin(); event != events.rend() && out.events.size() < kNewest; ++event) out.events.push_back(*event);
  judge(out, sample);
  if (!out.healthd_up && any_check(node)) {
    out.reasons.emplace_back("tandem-healthd is not connected");
    if (out.state == "ok") out.state = "degraded";
  }
  out.serving = std::any_of(out.services.begin(), out.services.end(), [](const api::Service& s) { return s.state != "down"; });
  return out;
}

api::Snapshot describe_snapshot(NodeState& node) {
  const Sample sample = node.sample();
  api::Snapshot out;
  out.version = node.version(), out.status = describe_status(node, sample), out.balance = sample.balance;
  out.services = describe_services(node, sample, true), out.checks = describe_checks(node, "");
  out.ports = sample.ports, out.workers = sample.workers, out.sources = sample.sources, out.pools = sample.pools, out.heaps = sample.heaps;
  out.guard_prefixes = {{"deny", node.guard().book().count(guard::Verdict::deny)},
                        {"allow", node.guard().book().count(guard::Verdict::allow)}};
  out.overlay_entries = node.overlay().entries().size();
  out.overlay_by_kind = {{"admin_state", 0}, {"weight", 0}};
  for (const config::OverlayEntry& entry : node.overlay().entries()) ++out.overlay_by_kind[std::string{config::to_string(entry.field)}];
  out.events_by_kind = node.events().by_kind();
  node.count_reloads(out);
  node.fill_process(out);
  out.ha = node.ha();
  return out;
}

}  // namespace tandem
