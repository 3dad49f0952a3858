// SPDX-License-Identifier: Apache-2.0
// tandemctl as a function: words in, exit code out (docs/operations.md has the codes).
#pragma once

#include <string>
#include <vector>

#include "cli/commands/surroundings.h"

namespace tandem::cli {

int run(const std::vector<std::string>& arguments, Surroundings& world);

}  // namespace tandem::cli
