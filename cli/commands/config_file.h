// SPDX-License-Identifier: Apache-2.0
// A configuration read here, beside the daemon: `config check` needs none, and a bad file is refused before it is sent.
#pragma once

#include <string>

#include "cli/commands/session.h"
#include "controlplane/config/load.h"

namespace tandem::cli {

Outcome check_file(Session& session, const std::string& path);

// Its text, when it holds no error; else exit 8, with the diagnostics on stderr.
struct ConfigFile {
  std::string file, text;
};
Answer<ConfigFile> read_good_file(Session& session, const std::string& path);

// What the daemon found although we did not (another version, other cores): error.details, on stderr.
void show_details(Session& session, const std::string& file, const Json& details);

}  // namespace tandem::cli
