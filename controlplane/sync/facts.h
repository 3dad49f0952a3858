// SPDX-License-Identifier: Apache-2.0
// What a node says of itself in the handshake, and what each learnt of the other.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "controlplane/sync/keys.h"

namespace tandem::sync {

// What this build speaks. A release speaks its own version and the one before, so that either node may be upgraded first.
// Within a version everything may grow: records, runs and hellos carry their lengths, and unknown types are passed by.
inline constexpr std::uint8_t kOldestVersion = 1, kNewestVersion = 2;
inline constexpr std::uint8_t kComparesSince = 2;  // digest and diff: a node of an earlier version would let the question go unanswered

// Bits of NodeFacts::capabilities.
inline constexpr std::uint64_t kHearsWords = 1;

struct NodeFacts {
  std::string name;           // at most 63 characters; the two differ
  std::uint64_t boot_id = 0;  // drawn at start: another one means that the node forgot everything
  std::uint8_t min_version = kOldestVersion, max_version = kNewestVersion;
  std::uint64_t capabilities = 0;  // bits; both sides use what both have
  std::uint64_t capacity = 0;      // connections its table holds
};

struct PeerFacts {
  NodeFacts node;
  std::uint8_t version = 0;  // the highest that both speak
  KeyId key{};               // by which the session was made
  Fingerprint fingerprint{};
};

// None: the ranges do not meet.
inline std::optional<std::uint8_t> common_version(const NodeFacts& a, const NodeFacts& b) {
  const std::uint8_t highest = std::min(a.max_version, b.max_version);
  if (highest < std::max(a.min_version, b.min_version)) return {};
  return highest;
}

// Whether both nodes hold a key in common, as far as it was heard. `theirs` is what the peer sends with, `ours` what we do.
struct KeyState {
  enum class Kind : std::uint8_t { unknown, agree, mismatch } kind = Kind::unknown;
  Fingerprint theirs{}, ours{};
};
std::string to_string(const KeyState& state);  // "peer uses 3f2a, we use 91cc"

struct VersionState {
  enum class Kind : std::uint8_t { unknown, agree, none_in_common } kind = Kind::unknown;
  std::uint8_t their_min = 0, their_max = 0, our_min = 0, our_max = 0;
};
std::string to_string(const VersionState& state);  // "peer speaks version 3 to 4, we speak 1 to 2"

}  // namespace tandem::sync
