// SPDX-License-Identifier: Apache-2.0
// ICMP errors of our own. Whether one may be made, pipeline/own_error judges.
#pragma once

#include "dataplane/local/answer.h"

namespace tandem {

// too_big: RFC 1191's fragmentation needed, RFC 4443's packet too big. time_exceeded: in transit.
enum class OwnError : std::uint8_t { too_big, time_exceeded };

// Turns a packet as it came into the error about it, to its sender, back by the MAC that it came from. It quotes as much as fits in
// 576 bytes (RFC 1812 4.3.2.3), IPv6 in 1280 (RFC 4443 2.4 c). mtu_bytes: of too_big, what would have fitted. False: no room in the
// buffer; the packet is no longer what it was.
bool become_error(Packet& packet, OwnError error, std::uint16_t mtu_bytes, const IpAddress& from, const MacAddress& own) noexcept;

}  // namespace tandem
