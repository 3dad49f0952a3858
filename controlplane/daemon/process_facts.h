// SPDX-License-Identifier: Apache-2.0
// What the kernel says of this process: CPU, memory, descriptors, pages.
#pragma once

#include "common/api/types.h"

namespace tandem {

void fill_process_facts(api::Snapshot& snapshot);

}  // namespace tandem
