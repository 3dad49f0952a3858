// SPDX-License-Identifier: Apache-2.0
// A packet from a nat backend's address and port that no entry decides: its connection is being ended (cut.h), or it has none. To the node
// itself it is a health check's answer. A backend of exactly one service can be translated back from the generation alone, on any node; of
// several, it cannot.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

template <typename Entry>
void settle_lone_reply(const Pass& pass, Packet& packet) noexcept;

extern template void settle_lone_reply<ConnEntry4>(const Pass&, Packet&) noexcept;
extern template void settle_lone_reply<ConnEntry6>(const Pass&, Packet&) noexcept;

}  // namespace tandem
