// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataplane/local/answer.h"

namespace tandem {

inline bool is_echo_request(const Packet& packet) noexcept {
  return packet.kind == PacketKind::icmp && packet.l4_flags == (packet.family == Family::ipv4 ? kIcmpEchoRequest : kIcmpv6EchoRequest) &&
         packet.icmp().code == 0;
}

// Turns a request into its reply. A damaged payload comes back as damaged: the checksum is patched, not summed anew, so the
// asker notices. Relies on is_echo_request.
void become_echo_reply(Packet& packet, const MacAddress& own) noexcept;

}  // namespace tandem
