// SPDX-License-Identifier: Apache-2.0
// What operators changed at run time, over the configuration: recorded with who, when and why; survives reload and restart;
// ends by itself when it has a ttl. Never carries addresses (operations.md 1). Each change is on disk before it is answered.
//
// Both nodes of a pair come to the same overlay, whoever hears what first: an entry's id is its Lamport time, and of two words on
// the same field the later one (id, then the node's name) holds. So what was taken back is remembered as well, without a value.
// Threads: one control thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "controlplane/config/config.h"
#include "controlplane/config/wall_time.h"

namespace tandem::config {

enum class OverlayField : std::uint8_t { admin_state, weight };
std::string_view to_string(OverlayField field);

struct OverlayEntry {
  std::uint64_t id = 0;  // Lamport time
  std::string service, backend;
  OverlayField field{};
  std::string
      value;  // admin_state: "draining", "disabled", "killed" (disabled, connections ended); weight: "3"; empty: as configured again
  std::string user, reason;
  WallTime time{};
  std::optional<std::chrono::seconds> ttl;
  std::string node = {};   // where it was said
  std::uint64_t over = 0;  // id of the word it took the place of; 0: of none

  std::optional<WallTime> ends() const { return ttl ? std::optional{time + *ttl} : std::nullopt; }
};

class Overlay {
 public:
  Overlay() = default;  // in memory alone: replay, tests

  // The entries that `path` holds; an absent file is an empty overlay, a damaged one an error, never silently forgotten.
  static Result<Overlay> open(std::string path);

  const std::vector<OverlayEntry>& entries() const { return entries_; }  // by id, oldest first
  const OverlayEntry* find(std::string_view service, std::string_view backend, OverlayField field) const;
  std::optional<WallTime> next_end() const;

  // Gives the entry its id; it replaces an earlier one of the same backend and field, or ends it when it has no value.
  Result<OverlayEntry> set(OverlayEntry entry);
  Result<std::vector<OverlayEntry>> expire(WallTime now);  // returns what ended

  // What the other node is told, and what became of a word of its own.
  std::vector<OverlayEntry> told() const;  // all, also what was taken back
  struct Taken {
    bool changed = false;   // it holds from now on
    bool conflict = false;  // it and ours, another value, were said without knowledge of each other
    std::optional<OverlayEntry> ours;
  };
  Result<Taken> take(OverlayEntry theirs, WallTime now);

 private:
  struct Words {
    std::vector<OverlayEntry> hold, over;  // over: taken back
    std::uint64_t next_id = 1;
  };
  const OverlayEntry* last_word(const OverlayEntry& on) const;
  Result<> put(OverlayEntry entry, std::uint64_t next_id);
  Result<> keep(Words next);

  std::string path_;
  std::vector<OverlayEntry> entries_, cleared_;
  std::uint64_t next_id_ = 1;
};

// As one line of JSON, for the other node. An entry that no node of ours says is an error.
std::string to_text(const std::vector<OverlayEntry>& entries);
Result<std::vector<OverlayEntry>> read_entries(std::string_view text);

// Its service or backend left the configuration: shown, not applied.
bool is_orphaned(const OverlayEntry& entry, const Config& config);

}  // namespace tandem::config
