// SPDX-License-Identifier: Apache-2.0
// What happened, who did it and why, in one line.
#pragma once

#include <string>

#include "common/api/types.h"

namespace tandem::cli {

std::string event_text(const api::Event& event);  // "web/web-1 draining, by alice (kernel update)"

}  // namespace tandem::cli
