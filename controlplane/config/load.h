// SPDX-License-Identifier: Apache-2.0
// From a text or files to a configuration and everything that is to be said about it: the entry for tandemd and tandemctl alike.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/config.h"
#include "controlplane/config/diagnostic.h"
#include "controlplane/config/parts.h"
#include "controlplane/config/validate.h"

namespace tandem::config {

struct ReadOutcome {
  std::optional<Config> config;         // with its hashes; none when there is an error
  std::vector<Diagnostic> diagnostics;  // in order: errors, then warnings
  std::string file, text;               // what was read, word for word, for the history; of two files one text that holds both
  Part part = Part::whole;              // node, pair: that half alone was read, and nothing said that rests on the other
};

// A text that holds everything, whatever the file is called.
ReadOutcome load(std::string_view text, std::string_view file_name, const Machine& machine = this_machine());
// One file or two, each with its part.
ReadOutcome load(std::span<const Source> sources, const Machine& machine = this_machine());

// A file, or a directory with tandem.toml in it, or with node.toml and pair.toml. A file called node.toml or pair.toml is a part.
ReadOutcome load_path(const std::string& path, const Machine& machine = this_machine());

// The text of a file that may be one part alone: then the other is taken from the text in force.
ReadOutcome load_beside(std::string_view in_force, std::string_view text, std::string_view file, const Machine& machine = this_machine());

}  // namespace tandem::config
