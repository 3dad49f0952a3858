// SPDX-License-Identifier: Apache-2.0
// `port show` and `port verify`: one port, what was asked of its device, what it said, and what was seen.
#pragma once

#include "cli/commands/tree.h"

namespace tandem::cli {

void add_port_show(Noun& noun);
void add_port_verify(Noun& noun);

}  // namespace tandem::cli
