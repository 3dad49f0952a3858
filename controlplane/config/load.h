// SPDX-License-Identifier: Apache-2.0
// From a text or a file to a configuration and everything that is to be said about it: the entry for tandemd and tandemctl alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/config.h"
#include "controlplane/config/diagnostic.h"
#include "controlplane/config/validate.h"

namespace tandem::config {

struct ReadOutcome {
  std::optional<Config> config;         // with its hash; none when there is an error
  std::vector<Diagnostic> diagnostics;  // in order: errors, then warnings
  std::string file, text;               // what was read, word for word, for the history
};

ReadOutcome load(std::string_view text, std::string_view file_name, const Machine& machine = this_machine());

// A file, or a directory with tandem.toml in it.
ReadOutcome load_path(const std::string& path, const Machine& machine = this_machine());

}  // namespace tandem::config
