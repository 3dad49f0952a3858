// SPDX-License-Identifier: Apache-2.0
#include "dataplane/explain_face.h"

#include <string>
#include <thread>

namespace tandem {

namespace {

constexpr std::chrono::microseconds kPause{20};

std::string says_nothing(const Worker& worker) { return ("worker " + std::to_string(index(worker.id())) + " does not answer"); }

}  // namespace

const Worker* ExplainFace::silent() const noexcept {
  for (const auto& worker : workers_)
    if (worker->glances().is_open()) return worker.get();
  return nullptr;
}

Result<ExplainedFlow> ExplainFace::explain(const FlowQuestion& question, std::chrono::milliseconds deadline) {
  if (const Worker* still = silent()) return fail(says_nothing(*still));
  const Generation& generation = *publisher_.latest();
  const TableHasher hasher{generation.keys.table};
  glances_.clear();
  for (const auto& worker : workers_) {
    glances_.push_back(std::make_unique<FlowGlance>(generation, hasher, question));
    worker->glances().ask(*glances_.back());
  }
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (silent() != nullptr && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kPause);
  if (const Worker* still = silent()) return fail(says_nothing(*still));
  return rehearse(generation, find_glance(generation, glances_), make_buffer_);
}

}  // namespace tandem
