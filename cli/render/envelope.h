// SPDX-License-Identifier: Apache-2.0
// What programs read: {"schema":"tandem.backend.list/1","node":…,"time":…,"warnings":[],"data":…}. Removing a field, or giving
// one another meaning, raises the number behind the schema's name.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/render/times.h"

namespace tandem::cli {

struct Envelope {
  std::string method, node;
  Moment time;
  std::vector<std::string> warnings;
  nlohmann::json data;
  nlohmann::json summary = nullptr;  // of a stream: how much there was
};

std::string render(const Envelope& envelope, bool indented);

// One line a row; an answer that is not a list is one line.
std::string json_lines(const nlohmann::json& data);
std::string json_line(const nlohmann::json& row);

}  // namespace tandem::cli
