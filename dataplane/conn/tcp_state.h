// SPDX-License-Identifier: Apache-2.0
// The life of a connection, told from the flags of both directions, or of the client's half alone where replies do not pass us.
// Pure functions of what was seen: no sequence numbers, so a forged RST may shorten a life but later packets restore it.
#pragma once

#include <cstdint>

#include "common/net/headers.h"
#include "dataplane/conn/entry.h"
#include "dataplane/model/service.h"

namespace tandem {

struct Life {
  ConnState state{};
  std::uint8_t seen = 0;

  friend bool operator==(const Life&, const Life&) = default;
};

// A connection that begins with this packet: TCP by its SYN, or in mid-flow (adopted); UDP one-way.
Life begin_tcp(Direction direction, std::uint8_t tcp_flags, bool one_way = false) noexcept;
Life begin_udp() noexcept;

// After one more packet. A bare SYN changes nothing here: see meet_syn.
Life after_tcp(Life before, Direction direction, std::uint8_t tcp_flags, bool one_way) noexcept;
Life after_udp(Life before, Direction direction, bool one_way) noexcept;

// Two nodes' views of one connection. Who saw all that the other did knows its state; where neither does, it follows from what both saw.
Life merge(Life ours, Life theirs, Protocol protocol, bool one_way) noexcept;

// May a connection of this protocol be in this state?
bool is_state_of(ConnState state, Protocol protocol) noexcept;

// The fast path's question: can this packet change nothing but last_seen? (TCP established, and none of SYN, FIN, RST; UDP answered)
inline bool is_steady(ConnState state, std::uint8_t tcp_flags) noexcept {
  return (state == ConnState::established && (tcp_flags & (kTcpSyn | kTcpFin | kTcpRst)) == 0) || state == ConnState::udp_two_way;
}
inline bool is_bare_syn(std::uint8_t tcp_flags) noexcept { return (tcp_flags & (kTcpSyn | kTcpAck | kTcpRst)) == kTcpSyn; }

// A client's SYN finds an entry. forward: to the same backend, entry unchanged (a retransmission, or RFC 5961's challenge ACK decides).
// renew: a new connection, pick a backend and rewrite the entry.
enum class SynVerdict : std::uint8_t { forward, renew };
SynVerdict meet_syn(ConnState state, bool one_way, BackendState backend) noexcept;

// We end it. Relies on TCP.
constexpr bool is_cut(Life life) noexcept { return life.state == ConnState::reset && (life.seen & kSeenCut) != 0; }
inline constexpr std::uint8_t kCut = kSeenRst | kSeenCut;

constexpr bool is_closed(ConnState state) noexcept { return state == ConnState::time_wait || state == ConnState::reset; }

inline constexpr std::uint16_t kHalfOpenTicksUnderPressure = 3;
std::uint16_t idle_timeout(ConnState state, const Timeouts& timeouts, bool under_pressure) noexcept;

}  // namespace tandem
