// SPDX-License-Identifier: Apache-2.0
// Puts names to what a rehearsal told. Reads only.
#pragma once

#include "common/api/seen_packet.h"
#include "controlplane/api/node_state.h"
#include "dataplane/conn/explained.h"

namespace tandem {

api::Explanation describe(const ExplainedFlow& flow, const FlowQuestion& question, NodeState& node);

}  // namespace tandem
