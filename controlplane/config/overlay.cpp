// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/overlay.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "controlplane/config/overlay_text.h"
#include "controlplane/config/state_file.h"

namespace tandem::config {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = 16 << 20, kMostCleared = 10'000;

bool same_field(const OverlayEntry& a, const OverlayEntry& b) {
  return a.service == b.service && a.backend == b.backend && a.field == b.field;
}

bool is_later(const OverlayEntry& a, const OverlayEntry& b) { return std::tie(a.id, a.node) > std::tie(b.id, b.node); }

std::vector<OverlayEntry> without(std::vector<OverlayEntry> entries, const OverlayEntry& on) {
  std::erase_if(entries, [&](const OverlayEntry& each) { return same_field(each, on); });
  return entries;
}

json to_json(const std::vector<OverlayEntry>& entries) {
  json out = json::array();
  for (const OverlayEntry& entry : entries) out.push_back(to_json(entry));
  return out;
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
    for (const json& entry : document.at("entries")) overlay.entries_.push_back(entry_from_json(entry));
    for (const json& entry : document.value("cleared", json::array())) overlay.cleared_.push_back(entry_from_json(entry));
  } catch (const json::exception& problem) {
    return fail(overlay.path_ + ": damaged (" + problem.what() + "); move it away to start without run-time changes");
  }
  return overlay;
}

// Memory follows the disk: what could not be written down is not so.
Result<> Overlay::keep(Words next) {
  if (next.over.size() > kMostCleared) next.over.erase(next.over.begin());
  if (!path_.empty()) {
    const json document{{"next_id", next.next_id}, {"entries", to_json(next.hold)}, {"cleared", to_json(next.over)}};
    // A user's reason may not be UTF-8; that must not keep a drain from being recorded.
    if (auto saved = write_atomically(path_, document.dump(1, ' ', false, json::error_handler_t::replace) + "\n", 0640); !saved)
      return saved;
  }
  entries_ = std::move(next.hold), cleared_ = std::move(next.over), next_id_ = next.next_id;
  return {};
}

const OverlayEntry* Overlay::find(std::string_view service, std::string_view backend, OverlayField field) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const OverlayEntry& entry) {
    return entry.service == service && entry.backend == backend && entry.field == field;
  });
  return found == entries_.end() ? nullptr : &*found;
}

std::optional<WallTime> Overlay::next_end() const {
  std::optional<WallTime> first;
  for (const OverlayEntry& entry : entries_) {
    if (entry.ends() && (!first || *entry.ends() < *first)) first = entry.ends();
  }
  return first;
}

const OverlayEntry* Overlay::last_word(const OverlayEntry& on) const {
  for (const auto* words : {&entries_, &cleared_})
    for (const OverlayEntry& each : *words)
      if (same_field(each, on)) return &each;
  return nullptr;
}

Result<> Overlay::put(OverlayEntry entry, std::uint64_t next_id) {
  Words next{without(entries_, entry), without(cleared_, entry), next_id};
  (entry.value.empty() ? next.over : next.hold).push_back(std::move(entry));
  return keep(std::move(next));
}

Result<OverlayEntry> Overlay::set(OverlayEntry entry) {
  entry.id = next_id_;
  if (const OverlayEntry* before = last_word(entry)) entry.over = before->id;
  if (auto kept = put(entry, next_id_ + 1); !kept) return fail(kept.error());
  return entry;
}

Result<std::vector<OverlayEntry>> Overlay::expire(WallTime now) {
  Words next{{}, cleared_, next_id_};
  std::vector<OverlayEntry> ended;
  for (const OverlayEntry& entry : entries_) (entry.ends() && *entry.ends() <= now ? ended : next.hold).push_back(entry);
  if (ended.empty()) return ended;
  if (auto kept = keep(std::move(next)); !kept) return fail(kept.error());
  return ended;
}

std::vector<OverlayEntry> Overlay::told() const {
  std::vector<OverlayEntry> out = cleared_;
  out.insert(out.end(), entries_.begin(), entries_.end());
  return out;
}

// Neither knew of the other: the later word does not say that it takes the place of the earlier, or of one after that.
Result<Overlay::Taken> Overlay::take(OverlayEntry theirs, WallTime now) {
  if (theirs.ends() && *theirs.ends() <= now) theirs.value.clear(), theirs.ttl.reset();
  const OverlayEntry* ours = last_word(theirs);
  Taken taken;
  if (ours != nullptr) taken.ours = *ours;
  const bool later = ours == nullptr || is_later(theirs, *ours);
  const bool apart = (ours == nullptr ? std::string{} : ours->value) != theirs.value;
  taken.conflict = ours != nullptr && apart && (later ? theirs.over < ours->id : is_later(*ours, theirs) && ours->over < theirs.id);
  taken.changed = later && apart;
  if (!later) return taken;
  const std::uint64_t next_id = std::max(next_id_, theirs.id + 1);
  if (auto kept = put(std::move(theirs), next_id); !kept) return fail(kept.error());
  return taken;
}

bool is_orphaned(const OverlayEntry& entry, const Config& config) {
  const auto service =
      std::find_if(config.service.begin(), config.service.end(), [&](const Service& s) { return s.name == entry.service; });
  if (service == config.service.end()) return true;
  return std::none_of(service->backend.begin(), service->backend.end(), [&](const Backend& b) { return b.name == entry.backend; });
}

}  // namespace tandem::config
