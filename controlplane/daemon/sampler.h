// SPDX-License-Identifier: Apache-2.0
// Reads the dataplane's counters in place and sums them into a Sample. Threads: the loop's; workers write meanwhile, so sums
// of one moment can be a few packets apart; at rest they are exact.
#pragma once

#include "controlplane/api/sample.h"
#include "dataplane/dataplane.h"

namespace tandem {

// slots: how many backend slots to read; those beyond were never used.
Sample take_sample(const Dataplane& dataplane, Instant now, std::size_t slots);

// The balance alone, of any set of workers: replay prints it too.
void add_to_balance(api::Balance& balance, const WorkerCounters& counters);
BackendSums sums_of(const BackendCounters& counters);

}  // namespace tandem
