// SPDX-License-Identifier: Apache-2.0
// The same passes as Pipeline::run, with the clock read between them.
#pragma once

#include "dataplane/pipeline/choose.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/find.h"
#include "dataplane/pipeline/rewrite_all.h"
#include "tests/bench/pipeline_world.h"
#include "tests/bench/report.h"

namespace tandem::bench {

class Stages {
 public:
  void run(PipelineWorld& world, std::span<rte_mbuf* const> burst, PortId port) {
    Batch& batch = world.batch();
    ports_.refresh(world.generation(), world.context().roles);
    lanes_.clear();
    const Pass pass{world.context(), ports_, batch, lanes_};
    begin();
    batch.clear();
    for (rte_mbuf* mbuf : burst) batch.add(mbuf, port);
    lap(receive_, burst.size());
    classify(pass);
    lap(classify_, burst.size());
    find_connections(pass);
    lap(find_, burst.size());
    rewrite_all(pass);
    lap(rewrite_, burst.size());
    choose(pass);
    batch.finish(*world.context().counters);
    lap(finish_, burst.size());
    world.sink();
  }

  void write(Row& row) const {
    row.set("receive", receive_).set("classify", classify_).set("find", find_).set("rewrite", rewrite_).set("choose, finish", finish_);
  }

 private:
  void begin() { last_ = cycles_now(); }
  void lap(Samples& samples, std::size_t packets) {
    const std::uint64_t now = cycles_now();
    samples.add(static_cast<double>(now - last_) / static_cast<double>(packets));
    last_ = cycles_now();
  }

  PortFacts ports_;
  Lanes lanes_;
  Samples receive_, classify_, find_, rewrite_, finish_;
  std::uint64_t last_ = 0;
};

}  // namespace tandem::bench
