// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/assignment.h"

namespace tandem {

namespace {

TxWay tx_way(WorkerId worker, PortId port, unsigned queues, unsigned workers) {
  for (unsigned queue = 0; queue < queues; ++queue)
    if (queue_owner(port, queue, queues, workers) == worker) return {true, static_cast<std::uint16_t>(queue), worker};
  const unsigned queue = static_cast<unsigned>(index(worker)) % queues;
  return {false, static_cast<std::uint16_t>(queue), queue_owner(port, queue, queues, workers)};
}

}  // namespace

WorkerId queue_owner(PortId port, unsigned queue, unsigned queues, unsigned workers) {
  const unsigned first = queues >= workers ? 0 : static_cast<unsigned>(index(port));
  return static_cast<WorkerId>((first + queue) % workers);
}

std::vector<RxQueue> rx_queues_of(WorkerId worker, const std::vector<QueueCount>& ports, unsigned workers) {
  std::vector<RxQueue> mine;
  for (std::size_t p = 0; p < ports.size(); ++p)
    for (unsigned queue = 0; queue < ports[p].rx; ++queue)
      if (queue_owner(static_cast<PortId>(p), queue, ports[p].rx, workers) == worker)
        mine.push_back({static_cast<PortId>(p), static_cast<std::uint16_t>(queue)});
  return mine;
}

std::vector<TxWay> tx_ways_of(WorkerId worker, const std::vector<QueueCount>& ports, unsigned workers) {
  std::vector<TxWay> ways;
  for (std::size_t p = 0; p < ports.size(); ++p) ways.push_back(tx_way(worker, static_cast<PortId>(p), ports[p].tx, workers));
  return ways;
}

}  // namespace tandem
