// SPDX-License-Identifier: Apache-2.0
// What a fragment's headers say (RFC 791 3.2, RFC 8200 4.5), and whether it may be believed. The first fragment must hold all of its
// datagram's headers and no other may begin within them, so that who sees the ports sees those that the receiver will see
// (RFC 1858, RFC 3128, RFC 7112).
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// What the first fragment tells of its datagram's flow.
struct FlowPorts {
  Be16 source, target;
  std::uint8_t protocol = 0;
};

struct Fragment {
  std::uint32_t id = 0;
  std::uint32_t from = 0, to = 0;  // bytes of its datagram behind the IP header (IPv6: behind what stands before the fragment header)
  bool more = false;               // it is not the last
  std::uint8_t protocol = 0;       // of IPv6's later fragments a hint alone: the first one's counts
  // Of a first one with TCP or UDP alone.
  FlowPorts flow;
  std::uint16_t l4_offset = 0;

  bool is_first() const noexcept { return from == 0; }
};

// count_: sound. Else bad_fragment or tiny_fragment; unsupported_protocol where it is of no flow: neither TCP nor UDP.
// Relies on PacketKind::fragment.
DropReason read_fragment(const Packet& packet, Fragment& fragment) noexcept;

// The record as if parse had found a whole packet; relies on count_ of read_fragment.
void become_first_fragment(Packet& packet, const Fragment& fragment) noexcept;
void become_later_fragment(Packet& packet, const FlowPorts& flow) noexcept;

}  // namespace tandem
