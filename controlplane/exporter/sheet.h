// SPDX-License-Identifier: Apache-2.0
// The samples of one scrape, family by family in the catalogue's order. Names, types, labels and help come from
// configs/metrics.toml; here are only values, in the order in which the catalogue names the labels.
#pragma once

#include <prometheus/metric_family.h>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

#include "common/api/types.h"
#include "controlplane/exporter/catalogue.h"

namespace tandem::exporter {

class Sheet {
 public:
  using Labels = std::initializer_list<std::string>;

  Sheet();
  void add(Metric metric, Labels labels, double value);
  void add(Metric metric, Labels labels, api::Count value) { add(metric, labels, static_cast<double>(value)); }
  void add(Metric metric, Labels labels, bool value) { add(metric, labels, value ? 1.0 : 0.0); }
  void add_each(Metric metric, Labels labels, const api::Counts& counts);  // the last label is the counts' key

  // `cumulative` has one more element than `bounds`: all. An empty one is a histogram that has seen nothing.
  void add_histogram(Metric metric, Labels labels, const std::vector<double>& bounds, const std::vector<api::Count>& cumulative,
                     double sum);

  std::size_t series() const;
  // Leaves families out, those of level 1 first, until at most `most` series remain or nothing more may go. Returns the level.
  unsigned shed(std::size_t most);
  std::vector<prometheus::MetricFamily> take() &&;  // families without a sample are left out

 private:
  prometheus::ClientMetric& sample(Metric metric, Labels labels);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace tandem::exporter
