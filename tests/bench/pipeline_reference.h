// SPDX-License-Identifier: Apache-2.0
// The same pipeline with DPDK's rte_hash in place of our table: bulk look-up, entries asked for, then used.
#pragma once

#include "tests/bench/pipeline_cases.h"

namespace tandem::bench {

void measure_reference(PipelineWorld& world, const Trial& trial, const Case& one);

}  // namespace tandem::bench
