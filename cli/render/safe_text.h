// SPDX-License-Identifier: Apache-2.0
// Names, reasons and texts come from configuration files, other operators and the network: none of their bytes may steer the
// terminal that shows them.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace tandem::cli {

// Control characters (also C1 and those that turn the direction of writing) and broken UTF-8 become '?'; tabs and line ends
// become blanks.
std::string printable(std::string_view text);

// The same for every string and every key inside.
nlohmann::json printable_json(const nlohmann::json& value);

// Columns a text takes on a terminal: one a code point.
std::size_t cells(std::string_view text);

// The first `count` cells of it.
std::string_view first_cells(std::string_view text, std::size_t count);

}  // namespace tandem::cli
