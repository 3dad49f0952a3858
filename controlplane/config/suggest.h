// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word nearest to what was written, by edit distance.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tandem::config {

// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known` within two edits, or nothing. Ties go to the one that stands first.
std::string_view nearest(std::string_view written, std::span<const std::string_view> known);

// `did you mean "nat"?`, or an empty text.
std::string did_you_mean(std::string_view written, std::span<const std::string_view> known);

}  // namespace tandem::config
