// SPDX-License-Identifier: Apache-2.0
// Collects the connections of all workers for a control thread, which waits; the workers do not. It gives up after `deadline` without
// one connection.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "common/base/result.h"
#include "dataplane/worker/worker.h"

namespace tandem {

Result<> scan_all(std::span<const std::unique_ptr<Worker>> workers, std::uint32_t number, std::chrono::milliseconds deadline,
                  const std::function<void(WorkerId, const ConnRecord&)>& handle);

}  // namespace tandem
