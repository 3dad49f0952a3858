// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/read_table.h"

#include "controlplane/config/suggest.h"

namespace tandem::config {
namespace {

bool is_section(const Toml& value) {
  const bool tables = value.kind == TomlKind::list && !value.items.empty() && value.items.front().kind == TomlKind::table;
  return value.kind == TomlKind::table || tables;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 64;
  return std::string{"\""}.append(text.substr(0, kShown)).append(text.size() > kShown ? "…\"" : "\"");
}

// Where else a key of that name lives: the commonest slip is the right key under the wrong heading.
std::string belongs_elsewhere(std::string_view key) {
  for (const KeyInfo& info : all_keys()) {
    if (info.key != key) continue;
    return info.section.empty() ? std::string{"a section of its own"} : "belongs in " + heading_of(info.section);
  }
  return {};
}

std::string list_of(std::span<const std::string_view> words) {
  std::string text;
  for (std::string_view word : words) text.append(text.empty() ? "known here: " : ", ").append(word);
  return text;
}

std::string hint(std::string_view key, const std::string& section, std::span<const std::string_view> known) {
  std::vector<std::string_view> words{known.begin(), known.end()};
  for (const LaterKey& later : later_keys()) {
    if (later.section == section) words.push_back(later.key);
  }
  if (std::string text = belongs_elsewhere(key); !text.empty()) return text;  // a word that is right somewhere is no slip of the finger
  if (std::string text = did_you_mean(key, words); !text.empty()) return text;
  return list_of(known);
}

}  // namespace

void report_unknown(const TomlEntry& entry, const std::string& section, const Scope& scope, std::span<const std::string_view> known,
                    Reading& reading) {
  const auto later = later_keys();
  const auto is_it = [&](const LaterKey& word) { return word.section == section && word.key == entry.key; };
  const bool top = section.empty();
  if (std::any_of(later.begin(), later.end(), is_it)) {
    const std::string what = top && is_section(entry.value) ? "[" + entry.key + "]" : quoted(entry.key);
    const std::string where = top ? std::string{} : " in " + scope.heading;
    reading.report.add(Code::later_version, entry.place, what + where + " is not yet built in this version");
    return;
  }
  const bool as_section = top && is_section(entry.value);
  std::string text = std::string{as_section ? "unknown section " : "unknown key "}.append(quoted(entry.key));
  if (!as_section) text.append(top ? " outside of any section" : " in " + scope.heading);
  reading.report.add(as_section ? Code::unknown_section : Code::unknown_key, entry.place, std::move(text), hint(entry.key, section, known));
}

void report_missing(const Value& table, const Scope& scope, std::string_view key) {
  if (table.reading.report.left_lines_out()) return;  // it may stand in a line that could not be read
  std::string text = std::string{scope.heading}.append(" needs ").append(key);
  table.reading.report.add(Code::missing_key, table.node.place, std::move(text));
}

Scope scope_of(const Value& value, const Toml& table, bool repeats) {
  const std::string section = joined(value.section, value.key);
  const Toml* name = table.find("name");
  const bool named = name != nullptr && name->kind == TomlKind::text && section != "node";
  Scope scope{repeats ? "[[" + section + "]]" : "[" + section + "]", value.key};
  if (named) scope.heading += " " + quoted(name->text), scope.label += " " + quoted(name->text);
  if (!repeats && !value.scope.label.empty() && value.section != "dataplane") scope.heading = value.key + " of " + value.scope.label;
  if (!repeats && value.scope.label.empty()) scope.label = scope.heading;
  if (!value.scope.label.empty()) scope.label += " of " + value.scope.label;
  return scope;
}

}  // namespace tandem::config
