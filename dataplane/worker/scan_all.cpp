// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/scan_all.h"

#include <thread>

namespace tandem {

namespace {

constexpr std::chrono::microseconds kPause{50};

// Takes what waits; true when the worker has shown everything.
bool take_some(Worker& worker, std::uint32_t number, const std::function<void(WorkerId, const ConnRecord&)>& handle) {
  ConnRecord record;
  while (worker.scan().take(number, record)) handle(worker.id(), record);
  return worker.scan().finished(number);
}

}  // namespace

Result<> scan_all(std::span<const std::unique_ptr<Worker>> workers, std::uint32_t number, std::chrono::milliseconds deadline,
                  const std::function<void(WorkerId, const ConnRecord&)>& handle) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  for (const auto& worker : workers) worker->scan().begin(number);
  std::size_t finished = 0;
  while (finished < workers.size()) {
    if (take_some(*workers[finished], number, handle)) {
      ++finished;
      continue;
    }
    for (std::size_t i = finished + 1; i < workers.size(); ++i) take_some(*workers[i], number, handle);
    if (std::chrono::steady_clock::now() >= end) break;
    std::this_thread::sleep_for(kPause);
  }
  for (const auto& worker : workers) worker->scan().begin(0);
  if (finished < workers.size()) return fail("worker " + std::to_string(finished) + " did not show all its connections in time");
  return {};
}

}  // namespace tandem
