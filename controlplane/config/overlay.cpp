// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/overlay.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controlplane/config/state_file.h"

namespace tandem::config {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = 16 << 20;

json to_json(const OverlayEntry& entry) {
  json out{{"id", entry.id},       {"service", entry.service}, {"backend", entry.backend}, {"field", to_string(entry.field)},
           {"value", entry.value}, {"user", entry.user},       {"reason", entry.reason},   {"time", format_time(entry.time)}};
  if (entry.ttl) out["ttl_seconds"] = entry.ttl->count();
  return out;
}

// Throws nlohmann's exceptions for what is missing or of another type; open() catches them.
OverlayEntry from_json(const json& in) {
  OverlayEntry entry{in.at("id"), in.at("service"), in.at("backend"), {}, in.at("value"), in.at("user"), in.at("reason"), {}, {}};
  entry.field = in.at("field") == "weight" ? OverlayField::weight : OverlayField::admin_state;
  entry.time = parse_time(in.at("time").get<std::string>()).value_or(WallTime{});
  if (in.contains("ttl_seconds")) entry.ttl = std::chrono::seconds{in.at("ttl_seconds").get<std::int64_t>()};
  return entry;
}

bool speaks_of(const OverlayEntry& entry, std::string_view service, std::string_view backend) {
  return entry.service == service && entry.backend == backend;
}

}  // namespace

std::string_view to_string(OverlayField field) { return field == OverlayField::weight ? "weight" : "admin_state"; }

Result<Overlay> Overlay::open(std::string path) {
  Overlay overlay;
  overlay.path_ = std::move(path);
  if (!file_exists(overlay.path_)) return overlay;
  const Result<std::string> content = read_whole_file(overlay.path_, kMaxBytes);
  if (!content) return fail(content.error());
  try {
    const json document = json::parse(*content);
    overlay.next_id_ = document.at("next_id");
    for (const json& entry : document.at("entries")) overlay.entries_.push_back(from_json(entry));
  } catch (const json::exception& problem) {
    return fail(overlay.path_ + ": damaged (" + problem.what() + "); move it away to start without run-time changes");
  }
  return overlay;
}

Result<> Overlay::save(const std::vector<OverlayEntry>& entries, std::uint64_t next_id) const {
  if (path_.empty()) return {};
  json document{{"next_id", next_id}, {"entries", json::array()}};
  for (const OverlayEntry& entry : entries) document["entries"].push_back(to_json(entry));
  // A user's reason may not be UTF-8; that must not keep a drain from being recorded.
  return write_atomically(path_, document.dump(1, ' ', false, json::error_handler_t::replace) + "\n", 0640);
}

const OverlayEntry* Overlay::find(std::string_view service, std::string_view backend, OverlayField field) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const OverlayEntry& entry) { return speaks_of(entry, service, backend) && entry.field == field; });
  return found == entries_.end() ? nullptr : &*found;
}

std::optional<WallTime> Overlay::next_end() const {
  std::optional<WallTime> first;
  for (const OverlayEntry& entry : entries_) {
    if (entry.ends() && (!first || *entry.ends() < *first)) first = entry.ends();
  }
  return first;
}

Result<OverlayEntry> Overlay::set(OverlayEntry entry) {
  entry.id = next_id_;
  std::vector<OverlayEntry> next = entries_;
  std::erase_if(next, [&](const OverlayEntry& old) { return speaks_of(old, entry.service, entry.backend) && old.field == entry.field; });
  next.push_back(entry);
  if (auto saved = save(next, next_id_ + 1); !saved) return fail(saved.error());
  entries_ = std::move(next);
  ++next_id_;
  return entry;
}

// Memory follows the disk: an entry that could not be written away stays.
template <typename Leaves>
Result<std::vector<OverlayEntry>> Overlay::remove_if(Leaves leaves) {
  std::vector<OverlayEntry> stay, left;
  for (const OverlayEntry& entry : entries_) (leaves(entry) ? left : stay).push_back(entry);
  if (left.empty()) return left;
  if (auto saved = save(stay, next_id_); !saved) return fail(saved.error());
  entries_ = std::move(stay);
  return left;
}

Result<std::vector<OverlayEntry>> Overlay::clear(std::uint64_t id) {
  return remove_if([id](const OverlayEntry& entry) { return entry.id == id; });
}

Result<std::vector<OverlayEntry>> Overlay::clear(std::string_view service, std::string_view backend) {
  return remove_if([&](const OverlayEntry& entry) { return speaks_of(entry, service, backend); });
}

Result<std::vector<OverlayEntry>> Overlay::clear(std::string_view service, std::string_view backend, OverlayField field) {
  return remove_if([&](const OverlayEntry& entry) { return speaks_of(entry, service, backend) && entry.field == field; });
}

Result<std::vector<OverlayEntry>> Overlay::expire(WallTime now) {
  return remove_if([now](const OverlayEntry& entry) { return entry.ends() && *entry.ends() <= now; });
}

bool is_orphaned(const OverlayEntry& entry, const Config& config) {
  const auto service =
      std::find_if(config.service.begin(), config.service.end(), [&](const Service& s) { return s.name == entry.service; });
  if (service == config.service.end()) return true;
  return std::none_of(service->backend.begin(), service->backend.end(), [&](const Backend& b) { return b.name == entry.backend; });
}

}  // namespace tandem::config
