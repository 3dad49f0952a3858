// SPDX-License-Identifier: Apache-2.0
// How a section is read: each key of the file goes to its field, unknown ones and missing ones are reported.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/fields.h"

namespace tandem::config {

// The key `entry` has no field in `section`: says why, and what may have been meant.
void report_unknown(const TomlEntry& entry, const std::string& section, const Scope& scope, std::span<const std::string_view> known,
                    Reading& reading);
void report_missing(const Value& table, const Scope& scope, std::string_view key);
// "[dataplane]", "[[service.backend]] "web-1"": the value's section as messages name it.
Scope scope_of(const Value& value, const Toml& table, bool repeats);

inline std::string joined(const std::string& section, std::string_view key) {
  return section.empty() ? std::string{key} : std::string{section}.append(".").append(key);
}

// `section` names the keys' own section: "service.backend".
template <typename Owner>
void read_table(const Value& table, const Scope& scope, const std::string& section, Owner& owner) {
  const auto fields = fields_of<Owner>();
  for (const TomlEntry& entry : table.node.entries) {
    if (table.reading.report.is_full()) return;
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field<Owner>& f) { return f.name == entry.key; });
    if (field == fields.end()) {
      std::vector<std::string_view> known;
      for (const auto& each : fields) known.push_back(each.name);
      report_unknown(entry, section, scope, known, table.reading);
      continue;
    }
    const Value value{entry.value, entry.key, joined(table.path, entry.key), section, scope, table.reading};
    table.reading.places.set(value.path, entry.value.place);
    field->read(value, owner);
  }
  for (const auto& field : fields) {
    if (field.required && table.node.find(field.name) == nullptr) report_missing(table, scope, field.name);
  }
}

template <typename Part>
void read_section(const Value& value, Part& part) {
  if (value.node.kind != TomlKind::table) {
    const std::string name = joined(value.section, value.key);
    value.refuse(Code::wrong_shape,
                 std::string{value.key}.append(" must be a table: [").append(name).append("] or ").append(value.key).append(" = { … }"));
    return;
  }
  read_table(value, scope_of(value, value.node, false), joined(value.section, value.key), part);
}

template <typename Part>
void read_sections(const Value& value, std::vector<Part>& parts) {
  const bool tables = value.node.kind == TomlKind::list && std::all_of(value.node.items.begin(), value.node.items.end(),
                                                                       [](const Toml& item) { return item.kind == TomlKind::table; });
  if (!tables) {
    const std::string name = joined(value.section, value.key);
    value.refuse(Code::wrong_shape, std::string{value.key}.append(" must be written as [[").append(name).append("]], one section each"));
    return;
  }
  for (const Toml& item : value.node.items) {
    const Value table = value.item(item, "[" + std::to_string(parts.size()) + "]");
    value.reading.places.set(table.path, item.place);
    read_table(table, scope_of(value, item, true), joined(value.section, value.key), parts.emplace_back());
  }
}

template <typename Owner>
void show_fields(const Owner& owner, const std::string& path, Shown& shown) {
  for (const auto& field : fields_of<Owner>()) field.show(owner, joined(path, field.name), shown);
}

template <typename Part>
void list_section(const std::string& outer, std::string_view name, bool required, std::vector<KeyInfo>& keys) {
  keys.push_back({outer, name, {}, required});
  const std::string section = joined(outer, name);
  for (const auto& field : fields_of<Part>()) field.list(section, field.name, field.required, keys);
}

}  // namespace tandem::config
