// SPDX-License-Identifier: Apache-2.0
// What prometheus-cpp asks for at every scrape. A daemon that is away or late makes tandem_up 0; the scrape itself succeeds,
// so that `up` and `tandem_up` tell a dead exporter from a dead daemon. Threads: the HTTP server's, several at once.
#pragma once

#include <prometheus/collectable.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/api/client.h"
#include "common/api/types.h"
#include "controlplane/exporter/families.h"
#include "controlplane/exporter/shared_answer.h"

namespace tandem::exporter {

struct Reading {
  std::unique_ptr<api::Snapshot> snapshot;  // none: the daemon did not answer
  std::string why;
  double seconds = 0;
};

Reading read_snapshot(const std::string& socket, std::chrono::milliseconds timeout);

class DaemonMetrics final : public prometheus::Collectable {
 public:
  DaemonMetrics(std::string socket, std::chrono::milliseconds timeout, std::size_t most_series = kMostSeries);
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::size_t most_series_;
  mutable SharedAnswer<Reading> reading_;
};

}  // namespace tandem::exporter
