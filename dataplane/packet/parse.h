// SPDX-License-Identifier: Apache-2.0
// Reads a frame's headers into its record. Every length is checked before a byte behind it is looked at, so no input reads
// outside the first segment. Pure: touches nothing but the record. What it finds wrong is `kind` and `reason`; whether that
// matters depends on whom the frame is for, which classify decides.
#pragma once

#include "dataplane/packet/packet.h"

namespace tandem {

// RFC 8200 4.1 lets each header appear once (destination options twice), so a seventh is an attack on whoever walks them.
inline constexpr unsigned kMaxExtensionHeaders = 6;

// Relies on frame, frame_bytes and readable_bytes; fills everything from ip_bytes to reason but port and origin.
void parse(Packet& packet) noexcept;

}  // namespace tandem
