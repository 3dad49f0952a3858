// SPDX-License-Identifier: Apache-2.0
// Which worker polls which receive queue, and by which queue each worker sends. Arithmetic alone.
// A port with a queue for every worker gives worker w queue w. One with fewer spreads its queues over the workers, beginning
// with another one at each port, so that two one-queue ports keep two workers busy; who has no queue there sends through an owner.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/ids.h"

namespace tandem {

struct QueueCount {
  unsigned rx = 1, tx = 1;
};

struct RxQueue {
  PortId port{};
  std::uint16_t queue = 0;
};

// How one worker sends by one port: its own queue, or through the worker who has one.
struct TxWay {
  bool own = true;
  std::uint16_t queue = 0;
  WorkerId via{};
};

WorkerId queue_owner(PortId port, unsigned queue, unsigned queues, unsigned workers);
std::vector<RxQueue> rx_queues_of(WorkerId worker, const std::vector<QueueCount>& ports, unsigned workers);
std::vector<TxWay> tx_ways_of(WorkerId worker, const std::vector<QueueCount>& ports, unsigned workers);  // by PortId

}  // namespace tandem
