// SPDX-License-Identifier: Apache-2.0
// A packet from a nat backend's address and port that no entry decides alone. Its connection is being ended (cut.h), or a reset refutes the
// guess that it was taken up by (adopt.h), or it has none: to the node itself it is a health check's answer; where it proves its service
// (proof.h) the connection is taken up, or the packet at least translated back from the generation alone, on any node.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

template <typename Entry>
void settle_lone_reply(const Pass& pass, Packet& packet) noexcept;

extern template void settle_lone_reply<ConnEntry4>(const Pass&, Packet&) noexcept;
extern template void settle_lone_reply<ConnEntry6>(const Pass&, Packet&) noexcept;

}  // namespace tandem
