// SPDX-License-Identifier: Apache-2.0
// Fragments behind their first one, once their ports are known: the same entry, the same backend, and of the packet the IP header
// alone is rewritten. Relies on PacketKind::later_fragment.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// In classify: to the lane where it waits until those that open connections are through.
void sort_later_fragment(const Pass& pass, Packet& packet) noexcept;

// The last pass.
void forward_later_fragments(const Pass& pass) noexcept;

}  // namespace tandem
