// SPDX-License-Identifier: Apache-2.0
// conn kill: ends the connections that match, on both nodes.
#pragma once

#include "cli/commands/tree.h"

namespace tandem::cli {

void add_conn_kill(Noun& noun);

}  // namespace tandem::cli
