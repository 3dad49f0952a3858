// SPDX-License-Identifier: Apache-2.0
// What a packet takes along when its owner is another worker: its port and where its headers are, in the mbuf's own receive
// fields, which nobody reads any more. Never a pointer, and nothing of the sender's generation. Not the hash either: hashing a
// batch anew costs three cycles a packet, less than telling apart who has one already.
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// Only TCP, UDP, ICMP errors about them, and fragments have owners. A later fragment takes its ports along.
void carry(const Packet& packet) noexcept;

// The record as parse made it; relies on mbuf, frame, frame_bytes and readable_bytes.
void take_carried(Packet& packet) noexcept;

}  // namespace tandem
