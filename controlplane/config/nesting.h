// SPDX-License-Identifier: Apache-2.0
// toml++ limits how deep values nest, but not how long a dotted key is, and frees tables recursively: half a million dots
// in one key would end the process by its stack. So keys are measured before it sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tandem::config {

inline constexpr std::size_t kMaxKeyParts = 16;

// The line of the first dotted key with more than kMaxKeyParts parts, strings and comments left out of the count.
std::optional<std::uint32_t> line_of_overlong_key(std::string_view text);

}  // namespace tandem::config
