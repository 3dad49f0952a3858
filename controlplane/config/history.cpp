// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/history.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "controlplane/config/state_file.h"

namespace tandem::config {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = 1 << 20;
constexpr mode_t kMode = 0640;

std::string list_path(const std::string& directory) { return directory + "/history.json"; }

// Throws nlohmann's exceptions; open() catches them.
HistoryEntry from_json(const json& in) {
  const std::string time = in.at("time");
  return {in.at("id"), in.at("hash"), parse_time(time).value_or(WallTime{}), in.at("user"), in.at("reason")};
}

}  // namespace

Result<History> History::open(std::string directory) {
  History history;
  history.directory_ = std::move(directory);
  if (::mkdir(history.directory_.c_str(), 0750) != 0 && errno != EEXIST) {
    const int number = errno;
    return fail(history.directory_ + ": cannot make the directory: " + std::strerror(number));
  }
  const std::string path = list_path(history.directory_);
  if (!file_exists(path)) return history;
  const Result<std::string> content = read_whole_file(path, kMaxBytes);
  if (!content) return fail(content.error());
  try {
    const json list = json::parse(*content);
    for (const json& entry : list.at("entries")) history.entries_.push_back(from_json(entry));
  } catch (const json::exception& problem) {
    return fail(path + ": damaged (" + problem.what() + "); move it away to start with an empty history");
  }
  if (!history.entries_.empty()) history.next_id_ = history.entries_.back().id + 1;
  return history;
}

std::string History::path_of(const HistoryEntry& entry) const {
  return std::string{directory_}.append("/").append(std::to_string(entry.id)).append(".toml");
}

Result<> History::save(const std::vector<HistoryEntry>& entries) const {
  json list = json::array();
  for (const HistoryEntry& entry : entries) {
    list.push_back(
        {{"id", entry.id}, {"hash", entry.hash}, {"time", format_time(entry.time)}, {"user", entry.user}, {"reason", entry.reason}});
  }
  const json document{{"entries", std::move(list)}};
  return write_atomically(list_path(directory_), document.dump(1, ' ', false, json::error_handler_t::replace) + "\n", kMode);
}

Result<> History::add(HistoryEntry entry, std::string_view text) {
  entry.id = next_id_;
  if (auto written = write_atomically(path_of(entry), text, kMode); !written) return written;
  std::vector<HistoryEntry> next = entries_, left;
  next.push_back(std::move(entry));
  while (next.size() > kKept) left.push_back(next.front()), next.erase(next.begin());
  if (auto saved = save(next); !saved) return saved;
  entries_ = std::move(next);
  ++next_id_;
  for (const HistoryEntry& old : left) ::unlink(path_of(old).c_str());  // one that stays behind is waste, not harm
  return {};
}

Result<HistoryEntry> History::find(std::string_view hash) const {
  constexpr std::size_t kFewestDigits = 4;
  if (hash.empty()) {
    if (entries_.size() < 2) return fail("there is no earlier configuration to go back to");
    return entries_[entries_.size() - 2];
  }
  if (hash.size() < kFewestDigits) return fail("a hash needs at least 4 digits; `config history` lists them");
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const HistoryEntry& e) { return e.hash.starts_with(hash); });
  if (found == entries_.rend()) return fail("no configuration " + std::string{hash} + " in the history of the last 10");
  return *found;
}

Result<std::string> History::text(const HistoryEntry& entry) const { return read_whole_file(path_of(entry), kMaxBytes); }

}  // namespace tandem::config
