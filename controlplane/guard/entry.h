// SPDX-License-Identifier: Apache-2.0
// One word on who may enter: what it is about (its place), and who said it, when, why and for how long.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/net/address.h"
#include "controlplane/config/wall_time.h"

namespace tandem::guard {

using config::WallTime;

enum class Verdict : std::uint8_t { deny, allow };
constexpr std::string_view to_string(Verdict verdict) { return verdict == Verdict::deny ? "deny" : "allow"; }

// Of two words on one place the later holds. A deny and an allow of one prefix are two places: the allow wins.
struct Place {
  std::string service;  // empty: of all services
  Prefix prefix;        // without host bits
  Verdict verdict{};

  friend auto operator<=>(const Place&, const Place&) = default;
};

// Shared by all that one command said: a million entries name few authors.
struct Author {
  std::string user, reason, node;

  friend bool operator==(const Author&, const Author&) = default;
};

struct Word {
  std::uint64_t id = 0;  // Lamport time
  bool gone = false;     // taken back
  WallTime time{};
  std::optional<WallTime> ends;
  std::shared_ptr<const Author> author = std::make_shared<const Author>();

  bool is_over(WallTime now) const { return ends && *ends <= now; }
};

struct Entry {
  Place place;
  Word word;
};

}  // namespace tandem::guard
