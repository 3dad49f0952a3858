// SPDX-License-Identifier: Apache-2.0
#include "cli/render/envelope.h"

namespace tandem::cli {
namespace {

// Everything beyond ASCII is escaped: no byte of it can steer a terminal, and broken UTF-8 cannot stop the answer.
template <typename AnyJson>
std::string dump(const AnyJson& value, int indent) {
  return value.dump(indent, ' ', true, AnyJson::error_handler_t::replace);
}

}  // namespace

std::string render(const Envelope& envelope, bool indented) {
  nlohmann::ordered_json out;
  out["schema"] = "tandem." + envelope.method + "/1";
  out["node"] = envelope.node;
  out["time"] = rfc3339(envelope.time);
  out["warnings"] = envelope.warnings;
  if (!envelope.summary.is_null()) out["summary"] = envelope.summary;
  out["data"] = envelope.data;
  return dump(out, indented ? 2 : -1) + "\n";
}

std::string json_line(const nlohmann::json& row) { return dump(row, -1) + "\n"; }

std::string json_lines(const nlohmann::json& data) {
  if (!data.is_array()) return json_line(data);
  std::string out;
  for (const nlohmann::json& row : data) out += json_line(row);
  return out;
}

}  // namespace tandem::cli
