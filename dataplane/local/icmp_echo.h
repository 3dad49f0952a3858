// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataplane/local/answer.h"

namespace tandem {

inline bool is_echo_request(const Packet& packet) noexcept {
  return packet.kind == PacketKind::icmp && packet.l4_flags == (packet.family == Family::ipv4 ? kIcmpEchoRequest : kIcmpv6EchoRequest) &&
         packet.icmp().code == 0;
}

// Errors quote a packet of ours: ICMP unreachable, source quench, redirect, time exceeded, parameter problem; ICMPv6 below 128.
inline bool is_icmp_error(const Packet& packet) noexcept {
  if (packet.kind != PacketKind::icmp) return false;
  if (packet.family == Family::ipv6) return packet.l4_flags < 128;
  return (packet.l4_flags >= 3 && packet.l4_flags <= 5) || packet.l4_flags == 11 || packet.l4_flags == 12;
}

// Turns a request into its reply. A damaged payload comes back as damaged: the checksum is patched, not summed anew, so the
// asker notices. Relies on is_echo_request.
void become_echo_reply(Packet& packet, const MacAddress& own) noexcept;

}  // namespace tandem
