// SPDX-License-Identifier: Apache-2.0
// A value on its way from the tree into a Config, with all that a complaint about it needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controlplane/config/document.h"
#include "controlplane/config/report.h"

namespace tandem::config {

// What a value belongs to, in the two forms that messages use.
struct Scope {
  std::string heading;  // [[service]] "web"
  std::string label;    // service "web"
};

struct Reading {
  Report& report;
  Places& places;
};

struct Value {
  const Toml& node;
  std::string key;      // as the operator wrote it: "weight"
  std::string path;     // "service[0].backend[1].weight"
  std::string section;  // "service.backend"; of the table that holds it
  const Scope& scope;
  Reading& reading;

  // Reports `text` at the value; the note says whose it is, unless another is given.
  std::nullopt_t refuse(Code code, std::string text, std::string note = {}) const {
    reading.report.add(code, node.place, std::move(text), note.empty() ? scope.label : std::move(note));
    return std::nullopt;
  }
  std::nullopt_t refuse_kind(std::string_view expected) const {
    return refuse(Code::wrong_type, std::string{key}.append(" must be ").append(expected).append(", got ").append(to_string(node.kind)));
  }
  Value item(const Toml& of, const std::string& name) const { return {of, key, path + name, section, scope, reading}; }
};

}  // namespace tandem::config
