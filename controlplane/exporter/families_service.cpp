// SPDX-License-Identifier: Apache-2.0
// Services, their backends, and the checks of these.
#include <algorithm>
#include <functional>
#include <set>

#include "controlplane/exporter/families.h"

namespace tandem::exporter {
namespace {

struct Listen {
  std::string address, port, protocol;
};

// "203.0.113.10:80/tcp", "[2001:db8::1]:8000-8099/udp"
Listen split_listen(const std::string& text) {
  const std::size_t slash = std::min(text.rfind('/'), text.size());
  const std::string endpoint = text.substr(0, slash);
  const std::size_t colon = std::min(endpoint.rfind(':'), endpoint.size());
  std::string address = endpoint.substr(0, colon);
  if (address.size() > 2 && address.front() == '[') address = address.substr(1, address.size() - 2);
  return {address, colon < endpoint.size() ? endpoint.substr(colon + 1) : "", slash < text.size() ? text.substr(slash + 1) : ""};
}

// Replies of the other methods go from backend to client and never come by: a family at 0 would say that nothing is sent.
bool sees_replies(const api::Service& service) { return service.forwarding == "nat" || service.forwarding == "full-nat"; }

void add_state(Sheet& sheet, const api::Backend& backend) {
  const std::string &service = backend.service, &name = backend.name;
  const std::string port = backend.port == 0 ? "*" : std::to_string(backend.port);  // whatever its client asks for
  sheet.add(Metric::backend_info, {service, name, backend.address, port}, true);
  sheet.add(Metric::backend_up, {service, name}, backend.verdict != "down");
  sheet.add(Metric::backend_check_up, {service, name}, backend.check_state != "down");
  sheet.add(Metric::backend_eligible, {service, name}, backend.eligible);
  sheet.add(Metric::backend_weight, {service, name}, backend.weight);
  for (const char* state : {"up", "draining", "disabled"})
    sheet.add(Metric::backend_admin_state, {service, name, state}, backend.admin_state == state);
  sheet.add(Metric::backend_state_changes_total, {service, name}, backend.state_changes_total);
  sheet.add(Metric::backend_last_change_timestamp_seconds, {service, name}, backend.last_change_timestamp_seconds);
}

void add_connections(Sheet& sheet, const api::Backend& backend) {
  const std::string &service = backend.service, &name = backend.name;
  sheet.add(Metric::backend_active_connections, {service, name}, backend.active_connections);
  sheet.add(Metric::backend_new_connections_total, {service, name}, backend.new_connections_total);
  api::Counts closed = backend.closed;
  for (const char* how : {"finished", "reset", "expired", "cut"}) closed.try_emplace(how, 0);
  sheet.add_each(Metric::backend_closed_connections_total, {service, name}, closed);
  sheet.add(Metric::backend_unanswered_syns_total, {service, name}, backend.unanswered_syns_total);
}

// What clients' connections tell of it.
void add_openings(Sheet& sheet, const api::Backend& backend, bool replies, bool passive) {
  const std::string &service = backend.service, &name = backend.name;
  if (replies) {
    sheet.add(Metric::backend_refused_connections_total, {service, name}, backend.refused_connections_total);
    sheet.add(Metric::backend_answered_connections_total, {service, name}, backend.answered_connections_total);
  }
  if (!passive) return;
  sheet.add(Metric::backend_suspect, {service, name}, backend.suspect);
  sheet.add(Metric::backend_advised_checks_total, {service, name}, backend.advised_checks_total);
}

void add_traffic(Sheet& sheet, const api::Backend& backend, bool replies) {
  const std::string &service = backend.service, &name = backend.name;
  sheet.add(Metric::backend_received_packets_total, {service, name}, backend.received_packets);
  sheet.add(Metric::backend_received_bytes_total, {service, name}, backend.received_bytes);
  if (!replies) return;
  sheet.add(Metric::backend_transmitted_packets_total, {service, name}, backend.transmitted_packets);
  sheet.add(Metric::backend_transmitted_bytes_total, {service, name}, backend.transmitted_bytes);
}

// Of all others a family at 0 would be a series for each backend that says nothing.
std::set<std::string> lenders(const std::vector<api::Service>& services) {
  std::set<std::string> names;
  for (const api::Service& service : services)
    if (!service.fallback.empty()) names.insert(service.fallback);
  return names;
}

struct Durations {
  std::vector<api::Count> buckets = std::vector<api::Count>(api::kCheckBucketsSeconds.size() + 1);
  double sum = 0;

  void add(const api::Check& check) {
    if (check.duration_buckets.size() != buckets.size()) return;
    std::transform(buckets.begin(), buckets.end(), check.duration_buckets.begin(), buckets.begin(), std::plus<>{});
    sum += check.duration_sum_seconds;
  }
};

}  // namespace

void add_services(Sheet& sheet, const std::vector<api::Service>& services) {
  const std::set<std::string> lending = lenders(services);
  for (const api::Service& service : services) {
    for (const std::string& each : service.listen) {
      const Listen listen = split_listen(each);
      sheet.add(Metric::service_info, {service.name, listen.address, listen.port, listen.protocol, service.forwarding, service.scheduler},
                true);
    }
    sheet.add(Metric::service_up, {service.name}, service.backends_eligible > 0 || service.on_fallback);
    sheet.add(Metric::service_on_fallback, {service.name}, service.on_fallback);
    sheet.add(Metric::service_panic, {service.name}, service.kept > 0);
    sheet.add(Metric::service_cut_off, {service.name}, service.cut_off);
    for (const api::Backend& backend : service.backends) {
      add_state(sheet, backend);
      add_connections(sheet, backend);
      if (lending.contains(service.name))
        sheet.add(Metric::backend_lent_connections_total, {service.name, backend.name}, backend.lent_connections_total);
      add_openings(sheet, backend, sees_replies(service), service.passive_of > 0);
      add_traffic(sheet, backend, sees_replies(service));
    }
  }
}

void add_checks(Sheet& sheet, const std::vector<api::Check>& checks) {
  std::map<std::string, Durations> by_service;
  for (const api::Check& check : checks) {
    if (check.type == "none") continue;
    api::Counts results = check.results;
    for (const char* result : {"ok", "refused", "timeout", "status", "tls", "error"}) results.try_emplace(result, 0);
    sheet.add_each(Metric::check_results_total, {check.service, check.backend}, results);
    sheet.add(Metric::check_last_duration_seconds, {check.service, check.backend}, check.last_duration_seconds);
    by_service[check.service].add(check);
  }
  for (const auto& [service, durations] : by_service)
    sheet.add_histogram(Metric::check_duration_seconds, {service}, api::kCheckBucketsSeconds, durations.buckets, durations.sum);
}

}  // namespace tandem::exporter
