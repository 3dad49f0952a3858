// SPDX-License-Identifier: Apache-2.0
// What this build is. The revision comes from the build system.
#pragma once

#include <string>

#include "common/api/types.h"

namespace tandem {

api::Version this_version();
std::string version_text();  // "tandemd 0.1.0 (1a2b3c4), DPDK 22.11.11"

}  // namespace tandem
