// SPDX-License-Identifier: Apache-2.0
// A warning in one line: "web/web-1 draining since 14:02     overlay #7".
#pragma once

#include <string>

#include "cli/render/times.h"
#include "common/api/types.h"

namespace tandem::cli {

std::string warning_line(const api::Warning& warning, Moment now);

}  // namespace tandem::cli
