// SPDX-License-Identifier: Apache-2.0
// The method `explain`: reads the question, has it rehearsed, puts names to the answer. Threads: the loop's, which waits for the
// workers, a fraction of a second at most. Outlives the server.
#pragma once

#include <functional>

#include "controlplane/api/server.h"
#include "dataplane/conn/explained.h"

namespace tandem {

class NodeState;

using Rehearse = std::function<Result<ExplainedFlow>(const FlowQuestion&)>;

void add_explain_method(Server& server, NodeState& node, Rehearse rehearse);

}  // namespace tandem
