// SPDX-License-Identifier: Apache-2.0
// The filter words of conn: "service=web", "src=192.0.2.0/24", "age>1h"; all must hold.
#pragma once

#include <string>
#include <vector>

#include "common/api/client.h"

namespace tandem::cli {

api::Answer<api::Json> read_filter(const std::vector<std::string>& words);

}  // namespace tandem::cli
