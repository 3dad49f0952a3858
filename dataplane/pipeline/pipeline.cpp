// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/pipeline.h"

#include "dataplane/pipeline/choose.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/find.h"
#include "dataplane/pipeline/later_fragment.h"
#include "dataplane/pipeline/make_segment.h"
#include "dataplane/pipeline/pass.h"
#include "dataplane/pipeline/rewrite_all.h"

namespace tandem {

static_assert(kMaxPorts <= kBatchPorts, "a batch has a list for each port");
static_assert(kMaxPorts <= kCountedPorts, "each port has its counters");

void Pipeline::run(const WorkerContext& context, Batch& batch) noexcept {
  ports_.refresh(*context.generation, context.roles);
  lanes_.clear();
  const Pass pass{context, ports_, batch, lanes_};
  classify(pass);
  find_connections(pass);
  rewrite_all(pass);  // before choose: that may evict an entry which a packet still points to
  choose(pass);
  forward_later_fragments(pass);  // their first ones have their entries by now
  batch.finish(*context.counters);
}

void Pipeline::send_own_segments(const WorkerContext& context, Batch& batch) noexcept {
  ports_.refresh(*context.generation, context.roles);
  make_segments({context, ports_, batch, lanes_});
  batch.finish(*context.counters);
}

}  // namespace tandem
