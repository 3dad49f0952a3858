// SPDX-License-Identifier: Apache-2.0
// drain, disable, enable, weight, reset: each prints the new state.
#pragma once

#include "cli/commands/tree.h"

namespace tandem::cli {

void add_backend_changes(Noun& noun);

}  // namespace tandem::cli
