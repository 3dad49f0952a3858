// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/load.h"

#include <sys/stat.h>

#include <utility>

#include "controlplane/config/canonical.h"
#include "controlplane/config/document.h"
#include "controlplane/config/fields.h"
#include "controlplane/config/state_file.h"

namespace tandem::config {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostRead = kMostBytes + 1;  // one byte more than is accepted: larger files get their own words from the reader

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

ReadOutcome unreadable(const std::string& path, const std::string& message) {
  return failed(Code::unreadable, path, message.starts_with(path + ": ") ? message.substr(path.size() + 2) : message);
}

ReadOutcome load_files(std::span<const std::string> paths, const Machine& machine) {
  std::vector<Source> sources;
  for (const std::string& path : paths) {
    Result<std::string> text = read_whole_file(path, kMostRead);
    if (!text) return unreadable(path, text.error().message);
    sources.push_back({path, std::move(*text), part_of_file(path)});
  }
  return load(sources, machine);
}

// Takes the sections that belong in this file over into the tree of all; the others are named.
void merge(Toml&& from, Part part, Toml& all, Report& report) {
  for (TomlEntry& entry : from.entries) {
    const Part belongs = part_of_section(entry.key);
    if (part != Part::whole && belongs == other(part)) {
      report.add(Code::wrong_file, entry.place, heading_of(entry.key).append(" belongs in ").append(file_of(belongs)));
    } else {
      all.entries.push_back(std::move(entry));
    }
  }
}

// Nothing: no text of them could be read at all.
std::optional<Toml> read_trees(std::span<const Source> sources, Report& report) {
  std::optional<Toml> all;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto tree = read_document(sources[i].text, static_cast<std::uint8_t>(i), report);
    if (!tree) continue;
    if (!all) all.emplace();
    merge(std::move(*tree), sources[i].part, *all, report);
  }
  return all;
}

ReadOutcome outcome_of(std::span<const Source> sources) {
  ReadOutcome outcome;
  const Source& first = sources.front();
  outcome.file = first.file, outcome.text = first.text, outcome.part = first.part;
  if (sources.size() == 1) return outcome;
  outcome.text = join(first.text, sources[1].text), outcome.part = Part::whole;
  return outcome;
}

// What both nodes must agree on is there in any case, so that equal pairs have equal digests.
void fill_in(Config& config) {
  if (!config.group.empty() && !config.ha) config.ha.emplace();
  config.hash = hash_of(config), config.pair_hash = pair_hash_of(config);
}

}  // namespace

ReadOutcome load(std::string_view text, std::string_view file_name, const Machine& machine) {
  const Source source{std::string{file_name}, std::string{text}, Part::whole};
  return load({&source, 1}, machine);
}

ReadOutcome load(std::span<const Source> sources, const Machine& machine) {
  Report report{sources};
  Places places;
  Reading reading{report, places};
  Config config;
  ReadOutcome outcome = outcome_of(sources);
  const auto tree = read_trees(sources, report);
  if (sources.size() > 1 && outcome.text.size() > kMostBytes) report.add(Code::too_large, {}, "with pair.toml this is more than 1 MiB");
  if (tree) read_config(*tree, config, reading);
  if (tree && !report.left_lines_out()) validate(Judge{config, machine, reading, outcome.part});
  outcome.diagnostics = report.take();
  if (has_errors(outcome.diagnostics)) return outcome;
  fill_in(config);
  outcome.config = std::move(config);
  return outcome;
}

ReadOutcome load_path(const std::string& path, const Machine& machine) {
  if (!is_directory(path)) return load_files({&path, 1}, machine);
  const std::string directory = path.ends_with('/') ? path : path + "/";
  const std::string whole = directory + "tandem.toml", parts[] = {directory + "node.toml", directory + "pair.toml"};
  const bool has_parts = file_exists(parts[0]) || file_exists(parts[1]);
  if (!has_parts) return load_files({&whole, 1}, machine);
  if (file_exists(whole))
    return failed(Code::two_layouts, path, "holds tandem.toml and node.toml or pair.toml; expected tandem.toml alone, or the other two");
  ReadOutcome outcome = load_files(parts, machine);
  outcome.file = path;
  return outcome;
}

ReadOutcome load_beside(std::string_view in_force, std::string_view text, std::string_view file, const Machine& machine) {
  Source given{std::string{file}, std::string{text}, part_of_file(file)};
  if (given.part == Part::whole) return load({&given, 1}, machine);
  const Part rest = other(given.part);
  Source kept{std::string{file_of(rest)} + " in force", cut(in_force, rest), rest};
  Source both[] = {std::move(kept), std::move(given)};
  if (rest == Part::pair) std::swap(both[0], both[1]);  // node.toml first, as from a directory
  ReadOutcome outcome = load(both, machine);
  outcome.file = file;
  return outcome;
}

}  // namespace tandem::config
