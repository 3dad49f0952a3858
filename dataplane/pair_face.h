// SPDX-License-Identifier: Apache-2.0
// The pair's part of the dataplane's face (dataplane.h): heartbeats to the workers' rings, frames out of them.
// Threads: the pair's thread.
#pragma once

#include <memory>
#include <span>

#include "dataplane/dataplane.h"
#include "dataplane/worker/worker.h"

namespace tandem {

using Workers = std::span<const std::unique_ptr<Worker>>;

bool push_beat(Workers workers, rte_mempool* pool, WorkerId by, PortId port, std::span<const std::uint8_t> bytes, Instant deadline);

// So many of each worker at most; rings the bell again where more wait.
void take_arrivals(Workers workers, Bell& bell, const std::function<void(const PairFrame&)>& handle);

}  // namespace tandem
