// SPDX-License-Identifier: Apache-2.0
#include "made_up.h"

#include <prometheus/text_serializer.h>

#include <sstream>

#include "dataplane/stats/counters.h"

namespace tandem::exporter {
namespace {

template <std::size_t N>
api::Counts zeros(const std::array<std::string_view, N>& names) {
  api::Counts out;
  for (const std::string_view name : names) out[std::string{name}] = 0;
  return out;
}

api::Worker made_up_worker() {
  api::Worker out;
  out.worker = 1, out.core = 3, out.entries = 17, out.capacity = 1000, out.packets_total = 50, out.handover_in = 4, out.handover_out = 5;
  out.insert_failures = zeros(kInsertFailureNames), out.removed = zeros(kRemoveReasonNames), out.orphans = zeros(kOrphanDecisionNames);
  out.icmp_errors = zeros(kIcmpErrorFateNames), out.icmp_errors["too_big"] = 6;
  out.own_segments = zeros(kOwnSegmentKindNames);
  out.client_addresses = zeros(kClientAddressFateNames), out.client_addresses["no_room"] = 2;
  out.denied = zeros(kDenyListNames);
  out.loop_buckets = std::vector<api::Count>(kLoopBucketsUs.size() + 1, 9);
  out.burst_buckets = std::vector<api::Count>(kBurstBuckets.size() + 1, 9);
  return out;
}

api::Backend made_up_backend(const std::string& service, std::size_t i) {
  api::Backend out;
  out.service = service, out.name = "b" + std::to_string(i), out.address = "10.0.0." + std::to_string(i + 1), out.port = 80;
  out.admin_state = "up", out.check_state = out.verdict = "up", out.eligible = true, out.weight = 1, out.new_connections_total = 100 + i;
  out.received_packets = 5, out.transmitted_packets = 6;
  return out;
}

api::Check made_up_check(const std::string& service, const std::string& backend) {
  api::Check out;
  out.service = service, out.backend = backend, out.type = "http", out.results = {{"ok", 3}, {"timeout", 1}};
  out.duration_buckets = std::vector<api::Count>(api::kCheckBucketsSeconds.size() + 1, 4);
  out.duration_sum_seconds = 0.25;
  return out;
}

void add_service(api::Snapshot& out, std::size_t i, std::size_t backends) {
  api::Service service;
  service.name = "s" + std::to_string(i), service.forwarding = "nat", service.scheduler = "round-robin";
  service.listen = {"203.0.113.10:80/tcp", "[2001:db8::1]:80/tcp"};
  if (i == 0) service.fallback = service.name, service.passive_failed = 5, service.passive_of = 10;  // so that one lends, and looks
  for (std::size_t b = 0; b < backends; ++b) {
    service.backends.push_back(made_up_backend(service.name, b));
    out.checks.push_back(made_up_check(service.name, service.backends.back().name));
  }
  if (i == 0) service.limited = {{"connections", 4}, {"packets", 0}, {"source_connections", 0}, {"source_packets", 1}};
  service.backends_total = service.backends_eligible = backends;
  out.services.push_back(service);
}

api::Ha made_up_pair() {
  api::HaPath path;
  path.name = "outside", path.up = true, path.sent = 100, path.received = 99, path.rejected = {{"replay", 1}};
  path.gap_buckets = std::vector<api::Count>(api::kGapBucketsSeconds.size() + 1, 98);
  api::HaGroup group;
  group.name = "blue", group.role = "active", group.active = true, group.priority = 254;
  group.transitions = {{"active", {{"peer_silent", 1}}}};
  api::Ha out;
  out.configured = true, out.node = "lb-a", out.peer = "lb-b", out.peer_up = true;
  out.paths = {path}, out.groups = {group};
  return out;
}

}  // namespace

api::Snapshot made_up_snapshot(std::size_t services, std::size_t backends) {
  api::Snapshot out;
  out.version = {}, out.version.version = "1.2.3", out.version.revision = "abc", out.version.dpdk_version = "22.11";
  out.status.config_hash = "9f31c2", out.status.healthd_up = true;
  out.balance.rx = 1000, out.balance.tx = 900;
  out.balance.punted = zeros(kPuntClassNames);
  for (const DropReasonText& reason : kDropReasonTexts) out.balance.dropped[std::string{reason.name}] = 0;
  out.balance.dropped["no_service"] = 100;
  out.balance.untaken = {{"heartbeat", 0}, {"injected", 7}};
  for (std::size_t i = 0; i < services; ++i) add_service(out, i, backends);
  api::Port port;
  port.name = "outside", port.driver = "net_af_packet", port.mac = "02:00:00:00:00:01", port.device = "af_packet:eth0",
  port.rx_packets = 1000;
  out.ports = {port}, out.workers = {made_up_worker()}, out.sources = {{"10.20.0.240", "", true, 12, 3, 64'500, 64'509, 64'512}},
  out.pools = {{"buffers", 10, 20}}, out.heaps = {{0, 5, 7}};
  out.requests = {{"status", {{"ok", 2}}}},
  out.request_duration_buckets = std::vector<api::Count>(api::kRequestBucketsSeconds.size() + 1, 2);
  out.start_time_seconds = 1.7e9;
  out.ha = made_up_pair();
  return out;
}

std::string text_of(const std::vector<prometheus::MetricFamily>& families) {
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return out.str();
}

std::set<std::string> names_of(const std::vector<prometheus::MetricFamily>& families) {
  std::set<std::string> out;
  for (const prometheus::MetricFamily& family : families) out.insert(family.name);
  return out;
}

std::set<std::string> family_names_in(const std::string& page) {
  std::set<std::string> out;
  std::istringstream lines{page};
  for (std::string line, word, name; std::getline(lines, line);)
    if (std::istringstream words{line}; line.starts_with("# TYPE ") && words >> word >> word >> name) out.insert(name);
  return out;
}

}  // namespace tandem::exporter
