// SPDX-License-Identifier: Apache-2.0
// A configuration may be two files: node.toml says what this machine is, pair.toml what both nodes of a pair share and an
// operator copies from one to the other. Each section belongs in one of the two. A single file holds both parts; so does the
// text that is in force, of which one part can be cut to be joined with a new other one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tandem::config {

enum class Part : std::uint8_t { whole, node, pair };

// One file that was read. Of several that are read together each has its own lines, and its own name in complaints.
struct Source {
  std::string file, text;
  Part part = Part::whole;
};

Part part_of_file(std::string_view file);          // by its name: node.toml, pair.toml, any other is the whole
Part part_of_section(std::string_view key);        // "service"; whole: an unknown one
std::string heading_of(std::string_view section);  // "[[service]]", "[service.check]"
std::string_view file_of(Part part);               // "node.toml", "pair.toml", "tandem.toml"
constexpr Part other(Part part) { return part == Part::node ? Part::pair : Part::node; }

// The sections of one part, word for word, comments above them too. Unknown ones count as the node's.
std::string cut(std::string_view text, Part part);
// Both parts in one text, which reads as the two did.
std::string join(std::string_view node, std::string_view pair);

}  // namespace tandem::config
