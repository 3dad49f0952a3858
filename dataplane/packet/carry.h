// SPDX-License-Identifier: Apache-2.0
// What a packet takes along when its owner is another worker: port, hash and where its headers are, in the mbuf's own
// receive fields, which nobody reads any more. Never a pointer, and nothing of the sender's generation.
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// Only TCP and UDP have owners (PacketKind::transport).
void carry(const Packet& packet) noexcept;

// The record as parse made it, flow_hash included; relies on mbuf, frame, frame_bytes and readable_bytes.
void take_carried(Packet& packet) noexcept;

}  // namespace tandem
