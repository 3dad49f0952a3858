// SPDX-License-Identifier: Apache-2.0
// Drops whose sender is told why, by an ICMP error of our own: the packet is counted as dropped for its reason, the error as
// originated, and both in `icmp_errors`. The VIP speaks for what was sent to it, as if it were the router; to a backend, the node by its
// address on that LAN. None is made about another error, a fragment, or what came from nobody's or everybody's address (RFC 1122
// 3.2.2, RFC 4443 2.4 e), nor over the worker's rate (RFC 1812 4.3.2.8, RFC 4443 2.4 f): then the packet is dropped in silence.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// At TTL or hop limit 1 (DropReason::ttl_expired).
void drop_expired(const Pass& pass, Packet& packet) noexcept;

// Longer than the `mtu_bytes` that the outgoing link, less what a method puts around the packet, would take (mtu_exceeded). An IPv4
// packet that may be fragmented is dropped in silence: that it be fragmented is what its sender asked for, and we do not.
void drop_too_big(const Pass& pass, Packet& packet, std::uint16_t mtu_bytes) noexcept;

}  // namespace tandem
