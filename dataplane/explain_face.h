// SPDX-License-Identifier: Apache-2.0
// explain (dataplane.h): every worker looks at what it has of the flow, then the packet is rehearsed here.
// Threads: the control thread, which waits for the workers; they do not. One that stands still keeps the question that it was asked.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/pipeline/rehearsal.h"
#include "dataplane/worker/worker.h"

namespace tandem {

class ExplainFace {
 public:
  ExplainFace(std::span<const std::unique_ptr<Worker>> workers, const Publisher& publisher, MakeBuffer make_buffer)
      : workers_{workers}, publisher_{publisher}, make_buffer_{std::move(make_buffer)} {}

  Result<ExplainedFlow> explain(const FlowQuestion& question, std::chrono::milliseconds deadline);

 private:
  const Worker* silent() const noexcept;  // who has not looked yet; null: all have

  std::span<const std::unique_ptr<Worker>> workers_;
  const Publisher& publisher_;
  MakeBuffer make_buffer_;
  std::vector<std::unique_ptr<FlowGlance>> glances_;
};

}  // namespace tandem
