// SPDX-License-Identifier: Apache-2.0
// What every version of QUIC shows of whom a packet is for (RFC 8999 5): the destination connection id, and no more is looked at.
#pragma once

#include <optional>
#include <span>

#include "dataplane/packet/packet.h"

namespace tandem {

inline constexpr std::size_t kQuicIdMost = 20;  // of version 1 (RFC 9000 17.2)

// whole: a long header's, with the length it says. Else a short header's, which says none: the id, and what follows it, as far as the
// longest id goes.
struct QuicId {
  std::span<const std::uint8_t> bytes;
  bool whole = false;
};

// Of a UDP payload. None: it ends before its id does.
inline std::optional<QuicId> read_quic_id(std::span<const std::uint8_t> payload) noexcept {
  constexpr std::size_t kLength = 5;  // behind the first byte and the version
  if (payload.empty()) return std::nullopt;
  const bool long_header = (payload[0] & 0x80) != 0;
  if (!long_header) return QuicId{payload.subspan(1, std::min(payload.size() - 1, kQuicIdMost)), false};
  if (payload.size() <= kLength || payload.size() - kLength - 1 < payload[kLength]) return std::nullopt;
  return QuicId{payload.subspan(kLength + 1, payload[kLength]), true};
}

// As much of a datagram's payload as may be looked at. Relies on PacketKind::transport or first_fragment, and UDP.
inline std::span<const std::uint8_t> udp_payload(const Packet& packet) noexcept {
  const std::size_t readable = packet.readable_bytes - std::size_t{packet.l4_offset};
  const std::size_t bytes = std::min<std::size_t>(packet.udp().length_bytes.host(), readable);
  if (bytes <= sizeof(UdpHeader)) return {};
  return {packet.l4() + sizeof(UdpHeader), bytes - sizeof(UdpHeader)};
}

}  // namespace tandem
