// SPDX-License-Identifier: Apache-2.0
// Which ports of full-nat's pools this node may take (docs/design/full-nat.md): its own half as soon as it knows of all that the peer
// has, since a connection that it does not know of may have one of them; the other half after the peer was gone for `peer_gone`.
#pragma once

#include "controlplane/config/pair_view.h"
#include "dataplane/model/pool.h"

namespace tandem::pair {

// The node with the lower address on the sync link has the first half; without a link, on the first LAN that both are on.
PortHalf own_half(const config::PairView& view);

}  // namespace tandem::pair
