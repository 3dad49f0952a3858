// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/load.h"

#include <sys/stat.h>

#include "controlplane/config/canonical.h"
#include "controlplane/config/document.h"
#include "controlplane/config/fields.h"
#include "controlplane/config/state_file.h"

namespace tandem::config {
namespace {

constexpr std::size_t kMostRead = (1 << 20) + 1;  // one byte more than is accepted: larger files get their own words from the reader

ReadOutcome failed(Code code, std::string file, std::string text) {
  ReadOutcome outcome;
  outcome.diagnostics.push_back({code, file, {}, std::move(text), {}, {}, 0});
  outcome.file = std::move(file);
  return outcome;
}

bool is_directory(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

ReadOutcome load_file(const std::string& path, const Machine& machine) {
  const Result<std::string> text = read_whole_file(path, kMostRead);
  if (!text) {
    const std::string& message = text.error().message;
    return failed(Code::unreadable, path, message.starts_with(path + ": ") ? message.substr(path.size() + 2) : message);
  }
  return load(*text, path, machine);
}

}  // namespace

ReadOutcome load(std::string_view text, std::string_view file_name, const Machine& machine) {
  Report report{text, file_name};
  Places places;
  Reading reading{report, places};
  Config config;
  if (const auto tree = read_document(text, report)) {
    read_config(*tree, config, reading);
    if (!report.left_lines_out()) validate(Judge{config, machine, reading});
  }
  ReadOutcome outcome{{}, report.take(), std::string{file_name}, std::string{text}};
  if (has_errors(outcome.diagnostics)) return outcome;
  config.hash = hash_of(config);
  outcome.config = std::move(config);
  return outcome;
}

ReadOutcome load_path(const std::string& path, const Machine& machine) {
  if (!is_directory(path)) return load_file(path, machine);
  const std::string directory = path.ends_with('/') ? path : path + "/";
  const bool whole = file_exists(directory + "tandem.toml");
  const bool parts = file_exists(directory + "node.toml") || file_exists(directory + "pair.toml");
  if (whole && parts) return failed(Code::two_layouts, path, "holds tandem.toml and node.toml or pair.toml; expected tandem.toml alone");
  if (parts) return failed(Code::later_version, path, "node.toml and pair.toml are not yet built in this version; expected tandem.toml");
  return load_file(directory + "tandem.toml", machine);
}

}  // namespace tandem::config
