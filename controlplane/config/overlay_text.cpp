// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/overlay_text.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace tandem::config {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDigits = 3;
constexpr unsigned kMostWeight = 256;

// The board reads values without a further look.
bool is_value(const OverlayEntry& entry) {
  const std::string& value = entry.value;
  if (value.empty()) return true;
  if (entry.field == OverlayField::admin_state) return value == "draining" || value == "disabled" || value == "killed";
  return value.size() <= kMostDigits && std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c) != 0; }) &&
         std::stoul(value) <= kMostWeight;
}

}  // namespace

json to_json(const OverlayEntry& entry) {
  json out{{"id", entry.id},       {"service", entry.service}, {"backend", entry.backend}, {"field", to_string(entry.field)},
           {"value", entry.value}, {"user", entry.user},       {"reason", entry.reason},   {"time", format_time(entry.time)},
           {"node", entry.node},   {"over", entry.over}};
  if (entry.ttl) out["ttl_seconds"] = entry.ttl->count();
  return out;
}

OverlayEntry entry_from_json(const json& in) {
  OverlayEntry entry{in.at("id"), in.at("service"), in.at("backend"), {}, in.at("value"), in.at("user"), in.at("reason"), {}, {}};
  entry.field = in.at("field") == "weight" ? OverlayField::weight : OverlayField::admin_state;
  entry.time = parse_time(in.at("time").get<std::string>()).value_or(WallTime{});
  if (in.contains("ttl_seconds")) entry.ttl = std::chrono::seconds{in.at("ttl_seconds").get<std::int64_t>()};
  entry.node = in.value("node", ""), entry.over = in.value("over", std::uint64_t{0});
  return entry;
}

std::string to_text(const std::vector<OverlayEntry>& entries) {
  json out = json::array();
  for (const OverlayEntry& entry : entries) out.push_back(to_json(entry));
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::vector<OverlayEntry>> read_entries(std::string_view text) {
  std::vector<OverlayEntry> out;
  try {
    for (const json& each : json::parse(text)) out.push_back(entry_from_json(each));
  } catch (const json::exception& problem) {
    return fail(std::string{"the overlay of the other node cannot be read: "} + problem.what());
  }
  if (!std::all_of(out.begin(), out.end(), is_value)) return fail("the overlay of the other node has a value that is none");
  return out;
}

}  // namespace tandem::config
