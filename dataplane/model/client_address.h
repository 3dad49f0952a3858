// SPDX-License-Identifier: Apache-2.0
// How a full-nat backend, which sees one of our addresses, is told its client's (docs/design/full-nat.md).
#pragma once

#include <cstdint>

namespace tandem {

// proxy_v2: a header in front of the client's first byte (the PROXY protocol, version 2). toa: TCP option 254, as LVS and DPVS write it.
// The numbers are on the wire between the nodes.
enum class ClientAddress : std::uint8_t { none = 0, proxy_v2 = 1, toa = 2 };

}  // namespace tandem
