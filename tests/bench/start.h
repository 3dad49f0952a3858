// SPDX-License-Identifier: Apache-2.0
// What a benchmark program does before it measures: its options, DPDK on one core, buffers, and how fast the time stamp counter runs;
// and behind it.
#pragma once

#include <rte_mempool.h>

#include <string>

#include "tests/bench/report.h"

namespace tandem::bench {

inline constexpr unsigned kFirstCore = 0;  // where EAL leaves the main thread

struct RunOptions {
  bool quick = false;
  std::string json;  // the report's file; empty: none
};
RunOptions read_run_options(const std::string& program, int argc, char** argv);  // "quick", "--json FILE"; ends the program on others

rte_mempool* start_dpdk(const std::string& program, bool hugepages);  // ends the program when it cannot
double tsc_rate();                                                    // cycles per second

// The table on screen, the file if there is a name for one, buffers given back. Returns the program's exit status.
int finish(const Report& report, const std::string& json, rte_mempool* pool);

}  // namespace tandem::bench
