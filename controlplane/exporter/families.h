// SPDX-License-Identifier: Apache-2.0
// A snapshot of the daemon as families of metrics. Pure. Every label that has a closed list of values has all of them from the
// start, at 0, so that a rate over the first event is not missed.
#pragma once

#include <cstddef>
#include <vector>

#include "controlplane/exporter/sheet.h"

namespace tandem::exporter {

inline constexpr std::size_t kMostSeries = 50'000;

std::vector<prometheus::MetricFamily> families_of(const api::Snapshot& snapshot, double collect_seconds,
                                                  std::size_t most_series = kMostSeries);
std::vector<prometheus::MetricFamily> families_without_daemon();

// The parts, each in a file of its own.
void add_node(Sheet& sheet, const api::Snapshot& snapshot);
void add_packets(Sheet& sheet, const api::Balance& balance);
void add_guard(Sheet& sheet, const api::Snapshot& snapshot);
void add_sources(Sheet& sheet, const std::vector<api::Source>& sources);
void add_workers(Sheet& sheet, const std::vector<api::Worker>& workers);
void add_ports(Sheet& sheet, const api::Snapshot& snapshot);
void add_services(Sheet& sheet, const std::vector<api::Service>& services);
void add_checks(Sheet& sheet, const std::vector<api::Check>& checks);
void add_ha(Sheet& sheet, const api::Ha& ha);  // nothing on a node alone

}  // namespace tandem::exporter
