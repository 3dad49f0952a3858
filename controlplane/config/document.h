// SPDX-License-Identifier: Apache-2.0
// A TOML text as a tree of values that know where they stood. toml++ is seen by document.cpp alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/report.h"

namespace tandem::config {

enum class TomlKind : std::uint8_t { text, whole, real, truth, time, list, table };
std::string_view to_string(TomlKind kind);  // in the operator's words: "a string", "a whole number"

struct TomlEntry;

struct Toml {
  TomlKind kind = TomlKind::table;
  Place place;
  std::string text;
  std::int64_t whole = 0;
  double real = 0;
  bool truth = false;
  std::vector<Toml> items;         // of a list
  std::vector<TomlEntry> entries;  // of a table, as they stood in the file

  const Toml* find(std::string_view key) const;
};

struct TomlEntry {
  std::string key;
  Place place;
  Toml value;
};

// The tree of the report's source `file`, as far as its text can be read. Syntax errors are reported; the lines that hold them are left out
// and the rest is read on, so that one slip does not hide the others. Nothing: the text cannot be read at all.
std::optional<Toml> read_document(std::string_view text, std::uint8_t file, Report& report);

}  // namespace tandem::config
