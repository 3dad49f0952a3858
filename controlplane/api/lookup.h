// SPDX-License-Identifier: Apache-2.0
// Finds what an operator named, or says what there is that is spelled like it.
#pragma once

#include <string>
#include <vector>

#include "controlplane/api/node_state.h"

namespace tandem {

api::Answer<const config::Service*> find_service(NodeState& node, const std::string& name);
api::Answer<std::vector<BackendRow*>> find_backends(NodeState& node, const std::vector<std::string>& names);  // globs allowed

}  // namespace tandem
