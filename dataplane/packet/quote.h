// SPDX-License-Identifier: Apache-2.0
// The packet that an ICMP error quotes, read into a record of its own, so that what works on packets works on it: its frame begins
// at the quoted IP header, and readable_bytes is what the error holds of it. Every length is checked before a byte behind it is
// looked at. The quoted IPv4 checksum is not judged: routers are known to quote a header whose TTL they had already changed, and a
// path MTU that is never heard of harms more than a quote that is passed on as wrong as it came.
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// RFC 792 quotes 8 bytes behind the IP header at least: ports, and UDP's checksum.
inline constexpr std::size_t kQuotedL4Bytes = 8;

// count_: `quoted` is TCP or UDP (PacketKind::transport), of the error's own family. Else why it leads to no connection:
// bad_icmp_quote, icmp_quotes_fragment, or icmp_error_unknown_flow where it quotes something without ports. Relies on is_icmp_error.
DropReason read_quote(const Packet& error, Packet& quoted) noexcept;

}  // namespace tandem
