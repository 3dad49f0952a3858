// SPDX-License-Identifier: Apache-2.0
// The slow batch: packets that no entry decides. From clients: a new connection (SYN, a first datagram), one met in mid-flow,
// a SYN that meets an entry. From backends: replies without an entry. One packet is finished before the next is looked at,
// because each may make, replace or evict an entry.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

void choose(const Pass& pass) noexcept;

}  // namespace tandem
