// SPDX-License-Identifier: Apache-2.0
// What must be decided before anything is opened: how many workers, how many buffers, how much memory.
#pragma once

#include <vector>

#include "dataplane/dataplane.h"
#include "dataplane/io/eal.h"
#include "dataplane/io/mempool.h"
#include "dataplane/io/port.h"

namespace tandem {

struct StartPlan {
  std::vector<Device> devices;  // by PortId
  unsigned workers = 1;
  PoolPlan pool;
  EalRequest eal;
  bool needs_one_piece = false;  // of buffers: some port is AF_XDP
};

Result<StartPlan> plan_start(const DataplaneOptions& options);

}  // namespace tandem
