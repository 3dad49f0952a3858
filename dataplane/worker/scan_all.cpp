// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/scan_all.h"

#include <thread>

namespace tandem {

namespace {

constexpr std::chrono::microseconds kPause{50};

// Takes what waits, and says how much that was.
std::size_t take_some(Worker& worker, std::uint32_t number, const std::function<void(WorkerId, const ConnRecord&)>& handle) {
  std::size_t taken = 0;
  for (ConnRecord record; worker.scan().take(number, record); ++taken) handle(worker.id(), record);
  return taken;
}

}  // namespace

Result<> scan_all(std::span<const std::unique_ptr<Worker>> workers, std::uint32_t number, std::chrono::milliseconds deadline,
                  const std::function<void(WorkerId, const ConnRecord&)>& handle) {
  auto end = std::chrono::steady_clock::now() + deadline;
  for (const auto& worker : workers) worker->scan().begin(number);
  std::size_t finished = 0;
  while (finished < workers.size()) {
    std::size_t taken = 0;
    for (std::size_t i = finished; i < workers.size(); ++i) taken += take_some(*workers[i], number, handle);
    while (finished < workers.size() && workers[finished]->scan().finished(number)) ++finished;
    const auto now = std::chrono::steady_clock::now();
    if (taken != 0) end = now + deadline;
    if (now >= end) break;
    std::this_thread::sleep_for(kPause);
  }
  for (const auto& worker : workers) worker->scan().begin(0);
  if (finished < workers.size()) return fail("worker " + std::to_string(finished) + " did not show all its connections in time");
  return {};
}

}  // namespace tandem
