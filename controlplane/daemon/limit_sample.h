// SPDX-License-Identifier: Apache-2.0
// What services' limits refused so far. Threads: a control thread; workers go on counting.
#pragma once

#include <map>
#include <string>

#include "common/api/types.h"
#include "controlplane/config/build.h"

namespace tandem {

std::map<std::string, api::Counts> limited_of(const config::GenerationBuilder::Meters& meters);

}  // namespace tandem
