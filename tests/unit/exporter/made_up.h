// SPDX-License-Identifier: Apache-2.0
// A snapshot as a busy daemon would give it, with something of everything, and the text that a scrape would show.
#pragma once

#include <prometheus/metric_family.h>

#include <set>
#include <string>
#include <vector>

#include "common/api/types.h"

namespace tandem::exporter {

api::Snapshot made_up_snapshot(std::size_t services = 1, std::size_t backends = 2);

std::string text_of(const std::vector<prometheus::MetricFamily>& families);
std::set<std::string> names_of(const std::vector<prometheus::MetricFamily>& families);
std::set<std::string> family_names_in(const std::string& page);  // by its TYPE lines

}  // namespace tandem::exporter
