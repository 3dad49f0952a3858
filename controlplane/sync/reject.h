// SPDX-License-Identifier: Apache-2.0
// Why a datagram was not taken. One table: counter, log and test know these names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tandem::sync {

enum class Reject : std::uint8_t {
  none,
  short_datagram,     // too short for its type
  unknown_type,       //
  unknown_stream,     //
  version,            // not the version that was agreed
  not_established,    // no session yet
  unknown_epoch,      // of a session that is over, or that we do not know
  authentication,     // not from the peer, or changed on the way
  replay,             // seen, or too far behind to tell
  malformed,          // a handshake message that its own sender could not have meant
  other_cluster,      // of another pair
  own_name,           // from a node that has our name: ourselves, or a configuration copied whole
  key_mismatch,       // by a key we do not hold
  no_common_version,  // the peer speaks only versions we do not
  crossing,           // both sides began; ours goes on
  stale_handshake,    // a copy, or an answer to what is over
  rate_limited,       // one handshake message too many
  count_
};

std::string_view to_string(Reject reject);

// How often each was met.
class RejectCounts {
 public:
  void add(Reject reject) { ++counts_[static_cast<std::size_t>(reject)]; }
  std::uint64_t of(Reject reject) const { return counts_[static_cast<std::size_t>(reject)]; }
  std::uint64_t total() const;  // without `none`

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Reject::count_)> counts_{};
};

}  // namespace tandem::sync
