// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/field_makers.h"

namespace tandem::config {
namespace {

constexpr std::array kConfig{
    section<&Config::node>("node"),          section<&Config::dataplane>("dataplane"), sections<&Config::port>("port"),
    optional_section<&Config::sync>("sync"), optional_section<&Config::ha>("ha"),      section<&Config::protect>("protect"),
    sections<&Config::group>("group"),       sections<&Config::service>("service"),
};

constexpr std::array kLater{
    LaterKey{"", "mirror"},
    LaterKey{"port", "mode"},
    LaterKey{"service", "slow_start"},
    LaterKey{"service", "disable_grace"},
    LaterKey{"service", "idle_timeout"},
    LaterKey{"service", "on_role_loss"},
    LaterKey{"service", "fallback"},
    LaterKey{"service", "threshold"},
    LaterKey{"service", "cap"},
    LaterKey{"service", "transit"},
    LaterKey{"service.check", "user"},
    LaterKey{"service.check", "secret"},
    LaterKey{"service.check", "max_lag"},
};

}  // namespace

template <>
std::span<const Field<Config>> fields_of() {
  return kConfig;
}

std::span<const LaterKey> later_keys() { return kLater; }

void read_config(const Toml& tree, Config& config, Reading& reading) {
  const Scope top;
  read_table(Value{tree, "", "", "", top, reading}, top, "", config);
}

void show_config(const Config& config, Shown& shown) { show_fields(config, "", shown); }

std::vector<KeyInfo> all_keys() {
  std::vector<KeyInfo> keys;
  for (const auto& field : kConfig) field.list("", field.name, field.required, keys);
  return keys;
}

}  // namespace tandem::config
