// SPDX-License-Identifier: Apache-2.0
// What only the other node can decide goes to it once, by the LAN that it came by: a packet without an entry here, of a group that
// is active there. Its node MAC is taken whatever its roles, and what comes from the peer is never handed back, so no packet goes
// round. False: it is to be decided here, as when the peer is dead or its MAC unknown.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

bool hand_to_peer(const Pass& pass, Packet& packet) noexcept;

// Groups whose packets may be the peer's to decide. What is active here is decided here, whatever is held of the peer.
inline std::uint32_t groups_of_peer(const Pass& pass) noexcept { return pass.context.roles.on_peer & ~pass.context.roles.active; }

}  // namespace tandem
