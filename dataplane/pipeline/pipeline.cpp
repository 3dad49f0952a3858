// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/pipeline.h"

#include "dataplane/pipeline/choose.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/find.h"
#include "dataplane/pipeline/later_fragment.h"
#include "dataplane/pipeline/make_segment.h"
#include "dataplane/pipeline/pass.h"
#include "dataplane/pipeline/rewrite_all.h"
#include "dataplane/pipeline/trace_batch.h"

namespace tandem {

static_assert(kMaxPorts <= kBatchPorts, "a batch has a list for each port");
static_assert(kMaxPorts <= kCountedPorts, "each port has its counters");

namespace {

// `passed` is told of each pass once it is through.
template <typename Passed>
void run_passes(const Pass& pass, Passed&& passed) noexcept {
  classify(pass);
  passed(TraceStage::classify);
  find_connections(pass);
  passed(TraceStage::find);
  rewrite_all(pass);  // before choose: that may evict an entry which a packet still points to
  passed(TraceStage::rewrite);
  choose(pass);
  passed(TraceStage::choose);
  forward_later_fragments(pass);  // their first ones have their entries by now
  passed(TraceStage::fragments);
}

[[gnu::noinline, gnu::cold]] void run_watched(const Pass& pass) noexcept {
  Taps& taps = *pass.context.taps;
  if (taps.trace() == nullptr) {
    run_passes(pass, [](TraceStage) {});
  } else {
    TraceBatch trace{pass.context, pass.batch};
    trace.begin();
    run_passes(pass, [&](TraceStage stage) { trace.passed(stage); });
    trace.end();
  }
  taps.dropped(pass.batch.drops());
}

}  // namespace

void Pipeline::run(const WorkerContext& context, Batch& batch) noexcept {
  ports_.refresh(*context.generation, context.roles);
  lanes_.clear();
  const Pass pass{context, ports_, batch, lanes_};
  if (context.taps != nullptr) [[unlikely]]
    run_watched(pass);
  else run_passes(pass, [](TraceStage) {});
  batch.finish(*context.counters);
}

void Pipeline::send_own_segments(const WorkerContext& context, Batch& batch) noexcept {
  ports_.refresh(*context.generation, context.roles);
  make_segments({context, ports_, batch, lanes_});
  batch.finish(*context.counters);
}

}  // namespace tandem
