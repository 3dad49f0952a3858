// SPDX-License-Identifier: Apache-2.0
#include "controlplane/sync/reject.h"

#include <numeric>

namespace tandem::sync {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Reject::count_)> kNames{
    "none",          "short_datagram",    "unknown_type", "unknown_stream",  "version",       "not_established",
    "unknown_epoch", "authentication",    "replay",       "malformed",       "other_cluster", "own_name",
    "key_mismatch",  "no_common_version", "crossing",     "stale_handshake", "rate_limited"};
static_assert(kNames.back() == "rate_limited");

}  // namespace

std::string_view to_string(Reject reject) {
  const auto place = static_cast<std::size_t>(reject);
  return place < kNames.size() ? kNames[place] : "unknown";
}

std::uint64_t RejectCounts::total() const { return std::accumulate(counts_.begin() + 1, counts_.end(), std::uint64_t{0}); }

}  // namespace tandem::sync
