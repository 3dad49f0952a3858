// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tandem::api {

using Count = std::uint64_t;
using Counts = std::map<std::string, Count>;

}  // namespace tandem::api
