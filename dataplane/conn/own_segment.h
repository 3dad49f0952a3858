// SPDX-License-Identifier: Apache-2.0
// TCP segments of our own that wait to be made: resets of connections that we end, and probes, which their receiver answers with the
// numbers that a reset must have. They wait because the batch in which a connection ends has a place for each packet that came, and none
// for more; the worker sends them before its turn is over (pipeline/make_segment.h).
// Threads: the owning worker alone.
#pragma once

#include <type_traits>

#include "common/base/spsc_ring.h"
#include "dataplane/conn/entry.h"
#include "dataplane/stats/counters.h"

namespace tandem {

// The entry as it was: the connection may be gone when the segment is made.
template <typename Entry>
struct OwnSegment {
  Entry entry;
  OwnSegmentKind kind{};
  std::uint8_t flags = 0;
  std::uint32_t sequence = 0, acknowledgment = 0;

  bool to_backend() const noexcept { return kind == OwnSegmentKind::reset_backend || kind == OwnSegmentKind::probe_backend; }
};

class OwnSegments {
 public:
  static constexpr std::size_t kRoom = 256;  // of each family

  OwnSegments() : waiting4_{kRoom}, waiting6_{kRoom} {}

  // Whether both ends of one more connection could be told.
  bool has_room(std::size_t segments = 2) const noexcept {
    return waiting4_.size() + segments <= kRoom && waiting6_.size() + segments <= kRoom;
  }
  bool empty() const noexcept { return waiting4_.size() == 0 && waiting6_.size() == 0; }

  template <typename Entry>
  void push(const OwnSegment<Entry>& segment) noexcept {
    const bool pushed = waiting<Entry>().push(segment);
    ensure(pushed);  // has_room() was asked
  }
  template <typename Entry>
  bool pop(OwnSegment<Entry>& segment) noexcept {
    return waiting<Entry>().pop(segment);
  }

 private:
  template <typename Entry>
  SpscRing<OwnSegment<Entry>>& waiting() noexcept {
    if constexpr (std::is_same_v<Entry, ConnEntry4>) return waiting4_;
    else return waiting6_;
  }

  SpscRing<OwnSegment<ConnEntry4>> waiting4_;
  SpscRing<OwnSegment<ConnEntry6>> waiting6_;
};

}  // namespace tandem
