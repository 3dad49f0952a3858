// SPDX-License-Identifier: Apache-2.0
// The last ten applied configurations, word for word, with hash, time, user and reason: what rollback reads.
// A directory holds one TOML file each and history.json, which names them; the texts are written first, so that the list
// never names a file that is not whole. Threads: one control thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "controlplane/config/wall_time.h"

namespace tandem::config {

struct HistoryEntry {
  std::uint64_t id = 0;
  std::string hash;
  WallTime time{};
  std::string user, reason;
};

class History {
 public:
  static constexpr std::size_t kKept = 10;

  static Result<History> open(std::string directory);  // made if absent

  const std::vector<HistoryEntry>& entries() const { return entries_; }  // oldest first; the last is in force
  // The configuration that was applied gets the next id; the eleventh pushes the oldest out.
  Result<> add(HistoryEntry entry, std::string_view text);
  // With a hash: the newest entry whose hash begins so (at least 4 digits). Without: the one before the last.
  Result<HistoryEntry> find(std::string_view hash) const;
  Result<std::string> text(const HistoryEntry& entry) const;

 private:
  std::string path_of(const HistoryEntry& entry) const;
  Result<> save(const std::vector<HistoryEntry>& entries) const;

  std::string directory_;
  std::vector<HistoryEntry> entries_;
  std::uint64_t next_id_ = 1;
};

}  // namespace tandem::config
