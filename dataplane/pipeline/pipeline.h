// SPDX-License-Identifier: Apache-2.0
// The passes that a batch goes through, from frames to verdicts: parse, classify, find, choose, rewrite (design.md, "The way
// of a packet"). Threads: one Pipeline a worker. Nothing here locks, allocates, blocks or reads a clock.
//
//   batch.clear();  batch.add(mbuf, port) …;  pipeline.run(context, batch);  empty the batch's outputs (packet/batch.h).
//
// Counted here: consumed, originated, drops decided here, look-ups, inserts, orphans, removals, backends' traffic.
// Counted by the worker: rx, injected, tx, punted, held, handovers, the drops on those ways, and the gauges of entries.
#pragma once

#include "dataplane/packet/batch.h"
#include "dataplane/pipeline/context.h"
#include "dataplane/pipeline/lanes.h"
#include "dataplane/pipeline/port_facts.h"

namespace tandem {

class Pipeline {
 public:
  void run(const WorkerContext& context, Batch& batch) noexcept;

  // Some of context.own_segments, made and sent. Of a batch that is empty: its outputs are emptied as after run().
  void send_own_segments(const WorkerContext& context, Batch& batch) noexcept;

 private:
  PortFacts ports_;
  Lanes lanes_;
};

}  // namespace tandem
