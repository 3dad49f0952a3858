// SPDX-License-Identifier: Apache-2.0
#include "controlplane/exporter/families.h"

#include <utility>

namespace tandem::exporter {

std::vector<prometheus::MetricFamily> families_of(const api::Snapshot& snapshot, double collect_seconds, std::size_t most_series) {
  Sheet sheet;
  sheet.add(Metric::up, {}, true);
  sheet.add(Metric::scrape_collect_duration_seconds, {}, collect_seconds);
  add_node(sheet, snapshot);
  add_packets(sheet, snapshot.balance);
  add_workers(sheet, snapshot.workers);
  add_guard(sheet, snapshot);
  add_sources(sheet, snapshot.sources);
  add_ports(sheet, snapshot);
  add_services(sheet, snapshot.services);
  add_checks(sheet, snapshot.checks);
  add_ha(sheet, snapshot.ha);
  sheet.add(Metric::exporter_shed_level, {}, api::Count{sheet.shed(most_series - 1)});  // one is for the level itself
  return std::move(sheet).take();
}

std::vector<prometheus::MetricFamily> families_without_daemon() {
  Sheet sheet;
  sheet.add(Metric::up, {}, false);
  return std::move(sheet).take();
}

}  // namespace tandem::exporter
