// SPDX-License-Identifier: Apache-2.0
// Changes of a whole TCP segment that keep its checksum: patched by what changed (RFC 1624), so that damage done on the way still shows.
// Off the fast path. All rely on PacketKind::transport and TCP.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/packet.h"

namespace tandem {

inline constexpr std::uint8_t kTcpOptionEnd = 0, kTcpOptionNop = 1, kTcpOptionMss = 2, kTcpOptionFastOpen = 34;
inline constexpr std::size_t kTcpHeaderMost = 60;

// The bytes behind the TCP header.
std::size_t tcp_payload_bytes(const Packet& packet) noexcept;

// The whole header lies in the first segment.
bool tcp_header_is_readable(const Packet& packet) noexcept;

void set_tcp_number(TcpHeader& tcp, Be32& number, std::uint32_t value) noexcept;  // sequence or acknowledgment

// Puts bytes, an even number of them, at an even offset from the TCP header's begin within or right behind it: the segment is so much
// longer. False, with nothing changed, when the buffer has no room in front.
bool insert_in_tcp(Packet& packet, std::size_t offset, std::span<const std::uint8_t> bytes) noexcept;

// Puts an option before all others. Relies on room for it, and whole words.
bool insert_tcp_option(Packet& packet, std::span<const std::uint8_t> option) noexcept;

// Takes the payload away. False when it is not in one buffer.
bool cut_tcp_payload(Packet& packet) noexcept;

// Overwrites all options of a kind with no-operations; how many there were.
unsigned blank_tcp_options(Packet& packet, std::uint8_t kind) noexcept;

// Makes the largest segment that a SYN announces so much smaller. What announces none means 536 bytes (RFC 9293 3.7.1) and needs no less.
void lower_mss(Packet& packet, std::uint16_t by_bytes) noexcept;

}  // namespace tandem
