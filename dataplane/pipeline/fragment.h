// SPDX-License-Identifier: Apache-2.0
// Fragments find their flow (docs/design/fragments.md): whoever receives one gives it to its datagram's worker, which learns the
// ports from the first and holds the others until then; with ports known, it goes to the flow's owner like any packet.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// From the wire. False: neither to a VIP or pool address nor from a nat backend, so the node may have it. Relies on
// PacketKind::fragment.
bool take_fragment(const Pass& pass, Packet& packet) noexcept;

// The same, given by another worker, to whom this one seemed its datagram's.
void take_handed_fragment(const Pass& pass, Packet& packet) noexcept;

}  // namespace tandem
