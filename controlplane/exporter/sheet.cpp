// SPDX-License-Identifier: Apache-2.0
#include "controlplane/exporter/sheet.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/ensure.h"

namespace tandem::exporter {
namespace {

constexpr unsigned kLastShedLevel = 2;

prometheus::MetricType type_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return prometheus::MetricType::Counter;
    case MetricKind::gauge:
      return prometheus::MetricType::Gauge;
    case MetricKind::histogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

std::size_t series_of(const prometheus::MetricFamily& family) {
  std::size_t series = 0;
  for (const prometheus::ClientMetric& metric : family.metric)
    series += family.type == prometheus::MetricType::Histogram ? metric.histogram.bucket.size() + 2 : 1;  // and sum, count
  return series;
}

}  // namespace

Sheet::Sheet() {
  for (const MetricFacts& facts : kCatalogue) families_.push_back({facts.name, facts.help, type_of(facts.kind), {}});
}

prometheus::ClientMetric& Sheet::sample(Metric metric, Labels labels) {
  const MetricFacts& facts = kCatalogue[static_cast<std::size_t>(metric)];
  ensure(labels.size() == facts.label_count);
  prometheus::ClientMetric& made = families_[static_cast<std::size_t>(metric)].metric.emplace_back();
  std::size_t i = 0;
  for (const std::string& value : labels) made.label.push_back({facts.labels[i++], value});
  return made;
}

void Sheet::add(Metric metric, Labels labels, double value) {
  const MetricKind kind = kCatalogue[static_cast<std::size_t>(metric)].kind;
  ensure(kind != MetricKind::histogram);
  prometheus::ClientMetric& made = sample(metric, labels);
  (kind == MetricKind::counter ? made.counter.value : made.gauge.value) = value;
}

void Sheet::add_each(Metric metric, Labels labels, const api::Counts& counts) {
  const std::vector<std::string> leading{labels};
  ensure(leading.size() <= 2);
  for (const auto& [key, count] : counts) {
    if (leading.empty()) add(metric, {key}, count);
    if (leading.size() == 1) add(metric, {leading[0], key}, count);
    if (leading.size() == 2) add(metric, {leading[0], leading[1], key}, count);
  }
}

void Sheet::add_histogram(Metric metric, Labels labels, const std::vector<double>& bounds, const std::vector<api::Count>& cumulative,
                          double sum) {
  prometheus::ClientMetric::Histogram& histogram = sample(metric, labels).histogram;
  const bool usable = cumulative.size() == bounds.size() + 1;  // else of another version: better nothing than shifted
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({usable ? cumulative[i] : 0, bound});
  }
  histogram.sample_count = usable ? cumulative.back() : 0;
  histogram.sample_sum = usable ? sum : 0;
}

std::size_t Sheet::series() const {
  std::size_t series = 0;
  for (const prometheus::MetricFamily& family : families_) series += series_of(family);
  return series;
}

unsigned Sheet::shed(std::size_t most) {
  unsigned level = 0;
  while (series() > most && level < kLastShedLevel) {
    ++level;
    for (std::size_t i = 0; i < families_.size(); ++i)
      if (kCatalogue[i].shed == level) families_[i].metric.clear();
  }
  return level;
}

std::vector<prometheus::MetricFamily> Sheet::take() && {
  std::erase_if(families_, [](const prometheus::MetricFamily& family) { return family.metric.empty(); });
  return std::move(families_);
}

}  // namespace tandem::exporter
