// SPDX-License-Identifier: Apache-2.0
// A datagram under way in fragments: what has been seen of it, and what waits for its first fragment.
#pragma once

#include <optional>

#include "common/base/clock.h"
#include "dataplane/fragments/ranges.h"
#include "dataplane/packet/fragment.h"

namespace tandem {

// What fragments of one datagram have in common: addresses, identification, and of IPv4 the protocol (RFC 791 3.2). IPv6 has the
// same identification for one pair of addresses never twice, and its later fragments need not name the protocol (RFC 8200 4.5).
using DatagramKey = std::array<std::uint64_t, 5>;
DatagramKey datagram_key(const Packet& packet, const Fragment& fragment) noexcept;

// Places in DatagramTable's lists.
using DatagramPlace = std::uint16_t;
inline constexpr DatagramPlace kNoDatagram = 0xffff;

struct Datagram {
  static constexpr std::size_t kHeldMax = 16;

  DatagramKey key{};
  Instant until;
  std::optional<FlowPorts> flow;            // once its first fragment has come
  DropReason refused = DropReason::count_;  // why nothing of it is forwarded any more
  std::uint8_t held_count = 0;
  std::uint32_t end = 0;  // 0: the last fragment has not come
  Ranges seen;
  std::array<rte_mbuf*, kHeldMax> held;  // as they came
  DatagramPlace next = kNoDatagram;      // of the same bucket, or of the free ones
  std::uint16_t bucket = 0;
  DatagramPlace older = kNoDatagram, newer = kNoDatagram;

  bool waits() const noexcept { return !flow && refused == DropReason::count_; }
  bool is_whole() const noexcept { return end != 0 && seen.is_one_up_to(end); }

  // count_: it may be of the datagram. Else overlapping_fragment, too_many_fragments, or bad_fragment: two ends.
  DropReason note(const Fragment& fragment) noexcept;
};

}  // namespace tandem
