// SPDX-License-Identifier: Apache-2.0
// Who is worth least when room is wanted: the lower, the sooner. Half-open, closed, closing, UDP, established: so far what the
// schedule alone would choose again. What only we know of (an exception, a port of full-nat) comes behind its like while it waits for
// its handshake or has closed, because nobody loses anything by it; else behind everybody, or not at all once its backend has spoken.
#pragma once

#include "dataplane/conn/events.h"

namespace tandem {

inline constexpr unsigned kNotEvicted = 9;

constexpr unsigned eviction_rank(ConnState state, bool only_we_know) noexcept {
  switch (state) {
    case ConnState::half_open:
      return only_we_know ? 1 : 0;
    case ConnState::reset:
    case ConnState::time_wait:
      return only_we_know ? 3 : 2;
    case ConnState::fin_wait:
      return only_we_know ? kNotEvicted : 4;
    case ConnState::udp_one_way:
      return only_we_know ? 8 : 5;
    case ConnState::udp_two_way:
      return only_we_know ? kNotEvicted : 6;
    case ConnState::established:
      return only_we_know ? kNotEvicted : 7;
    case ConnState::free:
      break;
  }
  return kNotEvicted;
}

}  // namespace tandem
