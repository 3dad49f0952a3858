// SPDX-License-Identifier: Apache-2.0
// Direct server return on one LAN: the packet reaches the backend with the VIP still in it, only the Ethernet header is new.
// The backend holds the VIP on its loopback and answers the client itself.
#pragma once

#include "dataplane/conn/entry.h"
#include "dataplane/forward/rewrite.h"

namespace tandem {

inline void l2_dsr(Packet& packet, const ConnEntry4&) noexcept { take_hop(packet.ipv4(), 0); }
inline void l2_dsr(Packet& packet, const ConnEntry6&) noexcept { take_hop(packet.ipv6()); }

}  // namespace tandem
