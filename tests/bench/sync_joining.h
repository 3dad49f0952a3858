// SPDX-License-Identifier: Apache-2.0
// A node with a million connections is joined by an empty one, while packets go on, connections are opened and others end: how long
// until the other has them all, and what that costs the packets. Then the same with the telling side killed twice on the way.
#pragma once

#include <rte_mempool.h>

#include <cstdint>

#include "tests/bench/report.h"

namespace tandem::bench {

struct JoiningPlan {
  std::uint64_t live = 1'000'000;
  int turns = 1;
  unsigned kills = 0;  // of the telling side's pair thread, on the way
};

void measure_joining(rte_mempool* pool, const JoiningPlan& plan, Report& report, bool hugepages);

}  // namespace tandem::bench
