// SPDX-License-Identifier: Apache-2.0
// A MAC for ports whose device has none to use: locally administered, made from names, so that it is the same after a restart
// and neighbours need not learn it anew. A TAP's own will not do: it is its far end's, and a bridge keeps frames to it for itself.
#pragma once

#include "dataplane/io/port_state.h"

namespace tandem {

MacAddress derived_mac(const PortOptions& options);

}  // namespace tandem
