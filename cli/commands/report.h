// SPDX-License-Identifier: Apache-2.0
// A failure as the operator reads it: what failed and why, then what to do.
#pragma once

#include <ostream>

#include "cli/render/look.h"
#include "common/api/json_line.h"

namespace tandem::cli {

int report(const api::Failure& failure, std::ostream& err, bool coloured);  // returns the exit code

}  // namespace tandem::cli
