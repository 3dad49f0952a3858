// SPDX-License-Identifier: Apache-2.0
#include "controlplane/exporter/daemon_metrics.h"

#include <algorithm>
#include <future>
#include <system_error>
#include <utility>

namespace tandem::exporter {
namespace {

using Clock = std::chrono::steady_clock;

Reading failed(std::string why) { return {nullptr, std::move(why), 0}; }

// The HTTP library's threads have 100 kB of stack, too little to parse JSON with peace of mind; a thread of its own has 8 MB.
Reading read_with_room(const std::string& socket, std::chrono::milliseconds timeout) {
  try {
    return std::async(std::launch::async, read_snapshot, socket, timeout).get();
  } catch (const std::system_error& wrong) {
    return failed(std::string{"no thread to ask with: "} + wrong.what());
  }
}

}  // namespace

Reading read_snapshot(const std::string& socket, std::chrono::milliseconds timeout) {
  const Clock::time_point begun = Clock::now();
  api::Answer<api::Client> client = api::Client::connect(socket, timeout);
  if (!client) return failed(client.error().message);
  const auto left = timeout - std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
  const api::Answer<api::Json> answer = client->call("stats.snapshot", api::Json::object(), std::max(left, std::chrono::milliseconds{1}));
  if (!answer) return failed(answer.error().message);
  try {
    auto snapshot = std::make_unique<api::Snapshot>(answer->get<api::Snapshot>());
    return {std::move(snapshot), {}, std::chrono::duration<double>(Clock::now() - begun).count()};
  } catch (const api::Json::exception& wrong) {
    return failed(std::string{"tandemd's answer has a field of another type: "} + wrong.what());
  }
}

DaemonMetrics::DaemonMetrics(std::string socket, std::chrono::milliseconds timeout, std::size_t most_series)
    : most_series_{most_series}, reading_{[socket = std::move(socket), timeout] { return read_with_room(socket, timeout); }} {}

std::vector<prometheus::MetricFamily> DaemonMetrics::Collect() const {
  const std::shared_ptr<const Reading> reading = reading_.get();
  return reading->snapshot ? families_of(*reading->snapshot, reading->seconds, most_series_) : families_without_daemon();
}

}  // namespace tandem::exporter
