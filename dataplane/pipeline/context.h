// SPDX-License-Identifier: Apache-2.0
// What one run of the pipeline works with: the worker's own state, and this loop's generation.
#pragma once

#include <cstdint>
#include <span>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/rate.h"
#include "dataplane/conn/expiry.h"
#include "dataplane/conn/flow_log.h"
#include "dataplane/conn/own_segment.h"
#include "dataplane/conn/table.h"
#include "dataplane/conn/table_hash.h"
#include "dataplane/fragments/datagram_table.h"
#include "dataplane/guard/source_meter.h"
#include "dataplane/model/generation.h"
#include "dataplane/model/roles.h"
#include "dataplane/stats/counters.h"
#include "dataplane/stats/live_connections.h"

struct rte_mempool;

namespace tandem {

class Taps;  // dataplane/observe/taps.h

// One family's connections with their deadlines. The clock of both is Expiry's tick, which the worker advances once per loop.
template <typename Entry>
struct Connections {
  ConnTable<Entry>* table = nullptr;
  Expiry* expiry = nullptr;
};

struct WorkerContext {
  WorkerId self{};
  const Generation* generation = nullptr;  // Publisher::enter's, for this loop
  Roles roles;                             // this node's part in each group, read once per loop
  PortHalves port_halves;                  // of full-nat's pools, read once per loop
  Instant now;                             // of this loop
  const TableHasher* hasher = nullptr;     // made from the generation's keys.table; the same kind on every worker
  Connections<ConnEntry4> connections4;    // this worker's own
  Connections<ConnEntry6> connections6;
  WorkerCounters* counters = nullptr;
  std::span<BackendCounters> backends;  // by BackendSlot, this worker's own
  TalliesOfAll tallies;                 // every worker's, to be read
  // Bit i: port i has a queue for each worker, so a one-way VIP's flows belong to whoever received them.
  std::uint32_t queue_per_worker_ports = 0;
  DatagramTable* datagrams = nullptr;   // this worker's own; what leaves it is the worker's to take after each run
  SourceMeter* sources = nullptr;       // all workers'; null: sources are not limited
  SharedRate* error_rate = nullptr;     // of ICMP errors of our own; null: none are made
  SharedRate* adoption_rate = nullptr;  // of connections taken up in mid-flow; null: no limit
  FlowLog* flows = nullptr;             // what the peer shall be told; null: there is no pair
  OwnSegments* own_segments = nullptr;  // this worker's own; it sends them after each run
  rte_mempool* buffers = nullptr;       // where their frames come from; null: none are made
  Taps* taps = nullptr;                 // who looks on (capture, trace); null: nobody
};

}  // namespace tandem
