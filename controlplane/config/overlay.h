// SPDX-License-Identifier: Apache-2.0
// What operators changed at run time, over the configuration: recorded with who, when and why; survives reload and restart;
// ends by itself when it has a ttl. Never carries addresses (operations.md 1). Each change is on disk before it is answered.
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
  std::uint64_t id = 0;
  std::string service, backend;
  OverlayField field{};
  std::string value;  // admin_state: "draining", "disabled"; weight: "3"
  std::string user, reason;
  WallTime time{};
  std::optional<std::chrono::seconds> ttl;

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

  // Gives the entry its id; it replaces an earlier one of the same backend and field.
  Result<OverlayEntry> set(OverlayEntry entry);
  // Each returns what was removed; nothing is no error.
  Result<std::vector<OverlayEntry>> clear(std::uint64_t id);
  Result<std::vector<OverlayEntry>> clear(std::string_view service, std::string_view backend);
  Result<std::vector<OverlayEntry>> clear(std::string_view service, std::string_view backend, OverlayField field);
  Result<std::vector<OverlayEntry>> expire(WallTime now);

 private:
  template <typename Leaves>
  Result<std::vector<OverlayEntry>> remove_if(Leaves leaves);
  Result<> save(const std::vector<OverlayEntry>& entries, std::uint64_t next_id) const;

  std::string path_;
  std::vector<OverlayEntry> entries_;
  std::uint64_t next_id_ = 1;
};

// Its service or backend left the configuration: shown, not applied.
bool is_orphaned(const OverlayEntry& entry, const Config& config);

}  // namespace tandem::config
