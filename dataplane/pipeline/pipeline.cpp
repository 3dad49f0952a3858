// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/pipeline.h"

#include "dataplane/pipeline/choose.h"
#include "dataplane/pipeline/classify.h"
#include "dataplane/pipeline/find.h"
#include "dataplane/pipeline/pass.h"
#include "dataplane/pipeline/rewrite_all.h"

namespace tandem {

static_assert(kMaxPorts <= kBatchPorts, "a batch has a list for each port");

namespace {

void show_entries(const WorkerContext& context) noexcept {
  const ConnTable4& v4 = *context.connections4.table;
  const ConnTable6& v6 = *context.connections6.table;
  context.counters->entries_ipv4.set(v4.size());
  context.counters->entries_ipv6.set(v6.size());
  context.counters->half_open.set(v4.count(ConnState::half_open) + v6.count(ConnState::half_open));
}

}  // namespace

void Pipeline::run(const WorkerContext& context, Batch& batch) noexcept {
  ports_.refresh(*context.generation);
  lanes_.clear();
  const Pass pass{context, *context.generation, ports_, batch, lanes_};
  classify(pass);
  find_connections(pass);
  rewrite_all(pass);  // before choose: that may evict an entry which a packet still points to
  choose(pass);
  batch.finish(*context.counters);
  show_entries(context);
}

}  // namespace tandem
