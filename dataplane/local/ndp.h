// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "dataplane/local/answer.h"

namespace tandem {

inline bool is_neighbour_discovery(const Packet& packet) noexcept {
  return packet.kind == PacketKind::icmp && packet.family == Family::ipv6 && packet.l4_flags >= kNdRouterSolicit &&
         packet.l4_flags <= kNdNeighbourAdvert + 1;  // redirect (137) as well
}

// Neighbour solicitations for our addresses, judged as RFC 4861 7.1.1 says; advertisements of VIPs, which are claims. Relies on
// PacketKind::icmp.
Answer answer_ndp(Packet& packet, const Generation& generation, const Roles& roles) noexcept;

}  // namespace tandem
