// SPDX-License-Identifier: Apache-2.0
// The node and its process: version, configuration, overlay, events, API, memory.
#include "common/api/methods.h"
#include "controlplane/exporter/families.h"

namespace tandem::exporter {
namespace {

api::Counts with_zeros(const std::vector<std::string>& keys, const api::Counts& counts) {
  api::Counts out = counts;
  for (const std::string& key : keys) out.try_emplace(key, 0);
  return out;
}

void add_configuration(Sheet& sheet, const api::Snapshot& snapshot) {
  sheet.add(Metric::config_info, {snapshot.status.config_hash}, true);
  sheet.add(Metric::config_last_reload_successful, {}, snapshot.last_reload_successful);
  sheet.add(Metric::config_last_reload_success_timestamp_seconds, {}, snapshot.last_reload_timestamp_seconds);
  sheet.add_each(Metric::config_reloads_total, {}, with_zeros({"success", "failure"}, snapshot.reloads));
  sheet.add_each(Metric::overlay_entries, {}, with_zeros({"admin_state", "weight"}, snapshot.overlay_by_kind));
}

void add_api(Sheet& sheet, const api::Snapshot& snapshot) {
  std::map<std::string, api::Counts> requests = snapshot.requests;
  for (const api::Method& method : api::kMethods) requests.try_emplace(std::string{method.name});
  for (const auto& [method, results] : requests)
    sheet.add_each(Metric::control_requests_total, {method}, with_zeros(api::kRequestResults, results));
  sheet.add_histogram(Metric::control_request_duration_seconds, {}, api::kRequestBucketsSeconds, snapshot.request_duration_buckets,
                      snapshot.request_duration_sum_seconds);
}

void add_process(Sheet& sheet, const api::Snapshot& snapshot) {
  sheet.add(Metric::process_cpu_seconds_total, {}, snapshot.process_cpu_seconds);
  sheet.add(Metric::process_resident_memory_bytes, {}, snapshot.process_resident_bytes);
  sheet.add(Metric::process_open_fds, {}, snapshot.process_open_fds);
  sheet.add(Metric::process_start_time_seconds, {}, snapshot.start_time_seconds);
}

}  // namespace

void add_node(Sheet& sheet, const api::Snapshot& snapshot) {
  sheet.add(Metric::build_info, {snapshot.version.version, snapshot.version.revision, snapshot.version.dpdk_version}, true);
  sheet.add(Metric::start_time_seconds, {}, snapshot.start_time_seconds);
  add_configuration(sheet, snapshot);
  sheet.add_each(Metric::events_total, {}, with_zeros(api::kEventKinds, snapshot.events_by_kind));
  sheet.add_each(Metric::log_messages_total, {},
                 {{"error", snapshot.log_errors}, {"warning", snapshot.log_warnings}, {"info", snapshot.log_info}});
  add_api(sheet, snapshot);
  sheet.add(Metric::healthd_up, {}, snapshot.status.healthd_up);
  for (const api::Heap& heap : snapshot.heaps)
    sheet.add_each(Metric::hugepage_heap_bytes, {std::to_string(heap.socket)}, {{"used", heap.used_bytes}, {"free", heap.free_bytes}});
  add_process(sheet, snapshot);
}

}  // namespace tandem::exporter
