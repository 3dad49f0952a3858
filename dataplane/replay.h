// SPDX-License-Identifier: Apache-2.0
// Runs captures through the production pipeline: `pcap:` ports, one worker in the calling thread, the clock that of the
// captures. The same input gives the same output, byte for byte and count for count. Needs neither root nor hugepages.
#pragma once

#include <functional>
#include <memory>

#include "dataplane/dataplane.h"

namespace tandem {

// Given the opened ports (MACs, ids), the one generation of the whole replay.
using BuildGeneration = std::function<Result<std::unique_ptr<Generation>>(const Dataplane& opened)>;

// When it returns, the inputs have ended, the outputs are written, and counters and connections can be asked for.
Result<std::unique_ptr<Dataplane>> replay(const DataplaneOptions& options, const BuildGeneration& build);

}  // namespace tandem
