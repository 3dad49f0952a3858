// SPDX-License-Identifier: Apache-2.0
// Every key of a configuration, once: its name, how it is read and how it is shown. Reading, unknown keys, the canonical form,
// diff, the hash and the tests of configs/tandem.toml and docs/configuration.md all walk these tables.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/config.h"
#include "controlplane/config/value.h"

namespace tandem::config {

// Each value that is set, defaults too, by a path of names: "service.web.backend.web-1.weight" -> "1".
using Shown = std::map<std::string, std::string>;

struct KeyInfo {
  std::string section;       // "service.backend"; empty: the top of the file
  std::string_view key;      // "weight"
  std::string_view expects;  // in the operator's words; empty for a section
  bool required = false;
};

template <typename Owner>
struct Field {
  std::string_view name;
  bool required;
  void (*read)(const Value& value, Owner& owner);
  void (*show)(const Owner& owner, const std::string& path, Shown& shown);
  void (*list)(const std::string& section, std::string_view name, bool required, std::vector<KeyInfo>& keys);
};

template <typename Owner>
std::span<const Field<Owner>> fields_of();

// Reads the tree into `config`; what it refuses is reported and keeps its default.
void read_config(const Toml& tree, Config& config, Reading& reading);
void show_config(const Config& config, Shown& shown);
std::vector<KeyInfo> all_keys();

// Words that stand for what other versions of Tandem read there: "slow_start" in "service".
struct LaterKey {
  std::string_view section, key;
};
std::span<const LaterKey> later_keys();

}  // namespace tandem::config
