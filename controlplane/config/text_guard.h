// SPDX-License-Identifier: Apache-2.0
// What toml++ 3.3 must not be given, found by trying:
// - dotted keys of any length: it frees tables recursively, so half a million dots in one key end the process by its stack;
// - characters outside ASCII where TOML has none, beside strings and comments: its table of blanks ends in __builtin_unreachable;
// - strings of several lines, behind whose backslashes the same table is asked. No key of ours takes them anyway.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "controlplane/config/diagnostic.h"

namespace tandem::config {

inline constexpr std::size_t kMaxKeyParts = 16;

struct Refusal {
  Code code{};
  Place place;
  std::string_view text;
};

// The first such thing in the text.
std::optional<Refusal> find_refusal(std::string_view text);

}  // namespace tandem::config
