// SPDX-License-Identifier: Apache-2.0
#include "dataplane/conn/tcp_state.h"

#include <algorithm>

#include "dataplane/conn/expiry.h"

namespace tandem {
namespace {

constexpr std::uint8_t kBothFins = kSeenFinClient | kSeenFinBackend;

constexpr bool has(std::uint8_t set, std::uint8_t bits) { return (set & bits) != 0; }

constexpr std::uint8_t with(std::uint8_t seen, bool add, std::uint8_t bit) { return static_cast<std::uint8_t>(seen | (add ? bit : 0)); }

// The handshake is over when the client has acknowledged the backend's SYN. Who was met in mid-flow is past it, but whether its backend
// knows of it only the backend says: until then it waits like any other, and a flood of ACKs costs what one of SYNs does. Where replies
// do not pass us the client's ACK says that there was a handshake.
constexpr bool shook_hands(std::uint8_t seen, bool one_way) {
  if (one_way) return has(seen, kSeenAckClient);
  if (has(seen, kSeenSynClient)) return has(seen, kSeenSynBackend) && has(seen, kSeenAckClient);
  return has(seen, kSeenAckBackend);
}

constexpr ConnState state_of(std::uint8_t seen, bool one_way) {
  if (!shook_hands(seen, one_way)) return ConnState::half_open;
  if ((seen & kBothFins) == kBothFins) return ConnState::time_wait;
  return has(seen, kBothFins) ? ConnState::fin_wait : ConnState::established;
}

constexpr ConnState udp_state_of(std::uint8_t seen, bool one_way) {
  const bool answered = has(seen, kSeenAckBackend) || (one_way && has(seen, kSeenAckClient));
  return answered ? ConnState::udp_two_way : ConnState::udp_one_way;
}

// A client's ACK before the backend's SYN+ACK acknowledges nothing: a flood of them must not look like established connections.
constexpr std::uint8_t saw_client(std::uint8_t seen, std::uint8_t flags, bool one_way) {
  const bool may_acknowledge = one_way || has(seen, kSeenSynBackend) || !has(seen, kSeenSynClient);
  seen = with(seen, has(flags, kTcpAck) && may_acknowledge, kSeenAckClient);
  return with(seen, has(flags, kTcpFin), kSeenFinClient);
}

constexpr std::uint8_t saw_backend(std::uint8_t seen, std::uint8_t flags) {
  seen = with(seen, has(flags, kTcpSyn), kSeenSynBackend);
  seen = with(seen, has(flags, kTcpAck), kSeenAckBackend);
  return with(seen, has(flags, kTcpFin), kSeenFinBackend);
}

constexpr std::uint8_t saw(std::uint8_t seen, Direction direction, std::uint8_t flags, bool one_way) {
  return direction == Direction::from_client ? saw_client(seen, flags, one_way) : saw_backend(seen, flags);
}

}  // namespace

Life begin_tcp(Direction direction, std::uint8_t tcp_flags, bool one_way) noexcept {
  if (is_bare_syn(tcp_flags)) return {ConnState::half_open, kSeenSynClient};
  const std::uint8_t seen = saw(0, direction, static_cast<std::uint8_t>((tcp_flags & kTcpFin) | kTcpAck), one_way);
  return {state_of(seen, one_way), seen};
}

Life begin_udp() noexcept { return {ConnState::udp_one_way, 0}; }

Life after_tcp(Life before, Direction direction, std::uint8_t tcp_flags, bool one_way) noexcept {
  if (is_cut(before)) return before;
  if (has(tcp_flags, kTcpRst)) return {ConnState::reset, with(before.seen, true, kSeenRst)};
  if (is_bare_syn(tcp_flags)) return before;
  const std::uint8_t seen = saw(before.seen, direction, tcp_flags, one_way);
  return {state_of(seen, one_way), seen};
}

Life after_udp(Life before, Direction direction, bool one_way) noexcept {
  const std::uint8_t seen = with(before.seen, true, direction == Direction::from_client ? kSeenAckClient : kSeenAckBackend);
  return {udp_state_of(seen, one_way), seen};
}

// What was seen does not tell a reset connection from one that later data has restored, so a reset counts while it is anybody's word.
Life merge(Life ours, Life theirs, Protocol protocol, bool one_way) noexcept {
  const std::uint8_t seen = ours.seen | theirs.seen;
  if (seen == theirs.seen) return theirs;
  if (seen == ours.seen) return ours;
  if (protocol == Protocol::udp) return {udp_state_of(seen, one_way), seen};
  const bool reset = ours.state == ConnState::reset || theirs.state == ConnState::reset;
  return {reset ? ConnState::reset : state_of(seen, one_way), seen};
}

bool is_state_of(ConnState state, Protocol protocol) noexcept {
  const bool of_udp = state == ConnState::udp_one_way || state == ConnState::udp_two_way;
  return state != ConnState::free && of_udp == (protocol == Protocol::udp);
}

SynVerdict meet_syn(ConnState state, bool one_way, BackendState backend) noexcept {
  const bool backend_keeps = backend == BackendState::up || backend == BackendState::draining;
  const bool client_has_closed = one_way && state == ConnState::fin_wait;  // the last we will hear of it, so its port is free again
  return is_closed(state) || client_has_closed || !backend_keeps ? SynVerdict::renew : SynVerdict::forward;
}

std::uint16_t idle_timeout(ConnState state, const Timeouts& timeouts, bool under_pressure) noexcept {
  const auto ticks = [&]() -> std::uint16_t {
    switch (state) {
      case ConnState::half_open:
        return under_pressure ? std::min(timeouts.half_open, kHalfOpenTicksUnderPressure) : timeouts.half_open;
      case ConnState::established:
        return timeouts.established;
      case ConnState::fin_wait:
        return timeouts.fin;
      case ConnState::time_wait:
        return timeouts.time_wait;
      case ConnState::reset:
        return timeouts.reset;
      case ConnState::udp_one_way:
        return timeouts.udp_one_way;
      case ConnState::udp_two_way:
        return timeouts.udp_two_way;
      case ConnState::free:
        break;
    }
    return 0;
  }();
  return std::min(ticks, kMaxIdleTicks);
}

}  // namespace tandem
