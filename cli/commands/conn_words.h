// SPDX-License-Identifier: Apache-2.0
// The filter words of conn: "service=web", "src=192.0.2.0/24", "age>1h"; all must hold.
#pragma once

#include <string>
#include <vector>

#include "common/api/client.h"

namespace tandem::cli {

inline constexpr const char* kWordsHelp =
    "all must hold: service= backend= proto= src= dst= sport= dport= vip= state= worker= age>DUR idle>DUR";

api::Answer<api::Json> read_filter(const std::vector<std::string>& words);

}  // namespace tandem::cli
