// SPDX-License-Identifier: Apache-2.0
// Packets that are not plain TCP or UDP of a service: other MACs, tags, ARP, ICMP, fragments, damage, and the node's own.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// From the wire, parsed, but not plain.
void classify_odd(const Pass& pass, Packet& packet) noexcept;

// Parsed already, by another worker or before it was kept; or from the node's own kernel.
void classify_from_inside(const Pass& pass, Packet& packet) noexcept;

// Not for a service: to the kernel by its class, or dropped where the port has none.
void give_to_node(const Pass& pass, Packet& packet) noexcept;

}  // namespace tandem
