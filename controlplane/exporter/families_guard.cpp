// SPDX-License-Identifier: Apache-2.0
// Who may not enter, and what limits refuse.
#include "controlplane/exporter/families.h"

namespace tandem::exporter {

void add_guard(Sheet& sheet, const api::Snapshot& snapshot) {
  api::Counts prefixes = snapshot.guard_prefixes, denied{{"everywhere", 0}, {"service", 0}};
  for (const char* list : {"deny", "allow"}) prefixes.try_emplace(list, 0);
  for (const api::Worker& worker : snapshot.workers)
    for (const auto& [list, packets] : worker.denied) denied[list] += packets;
  sheet.add_each(Metric::guard_prefixes, {}, prefixes);
  sheet.add_each(Metric::denied_packets_total, {}, denied);
  for (const api::Service& service : snapshot.services) sheet.add_each(Metric::rate_limited_packets_total, {service.name}, service.limited);
}

}  // namespace tandem::exporter
