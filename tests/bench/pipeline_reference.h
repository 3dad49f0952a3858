// SPDX-License-Identifier: Apache-2.0
// The same pipeline with DPDK's rte_hash in place of our table: bulk look-up, entries asked for, then used.
#pragma once

#include "tests/bench/pipeline_world.h"
#include "tests/bench/report.h"

namespace tandem::bench {

void measure_reference(PipelineWorld& world, rte_mempool* pool, const Pattern& pattern, std::uint64_t live, std::size_t rounds,
                       Report& report, Row row);

}  // namespace tandem::bench
