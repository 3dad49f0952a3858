// SPDX-License-Identifier: Apache-2.0
// How a flow stands on a stand-in: the entry that its packet meets, and whom its service's schedule could choose. Looked at before
// and after the packet. Threads: any; note_candidates allocates.
#pragma once

#include <vector>

#include "dataplane/conn/explained.h"
#include "dataplane/pipeline/stand_in.h"

namespace tandem {

MetEntry find_entry(const WorkerContext& context, const FlowQuestion& question, FlowRole role);

// For a worker: of a pool address's ports it may read its own alone.
MetEntry find_own_entry(const WorkerContext& context, const FlowQuestion& question, FlowRole role);

// Who takes what has no entry yet: the service, whose backends it has, the two candidates, and all of them by member. No lender:
// there is no such service.
struct Standing {
  const ServiceView* lender = nullptr;
  std::vector<Contender> all;
};
Standing note_candidates(const StandIn& stand_in, const FlowQuestion& question, ExplainedFlow& told);

}  // namespace tandem
