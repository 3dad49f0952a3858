// SPDX-License-Identifier: Apache-2.0
// A source port for a full-nat connection when all are taken: that of one who waits for its handshake gives way, so that a flood of
// SYNs does not keep everybody else out (docs/design/adoption.md); else that of one who has been reset. Threads: the worker's own.
#pragma once

#include "dataplane/conn/port_book.h"
#include "dataplane/pipeline/pass.h"
#include "dataplane/pipeline/pool_port.h"

namespace tandem {

// As take_port. None: those looked at belong to who converses. Bounded: one pool address's ports of an owner slot, which is a few
// microseconds for a SYN that would else be refused.
inline constexpr std::size_t kPortSearch = 2 * PortBook::kPortsPerHalf;
std::optional<PoolPort> take_port_by_force(const Pass& pass, std::span<const PoolSlot> pools, Protocol protocol, TableHash hash,
                                           ConnPlace place) noexcept;

}  // namespace tandem
