// SPDX-License-Identifier: Apache-2.0
// A packet from a nat backend's address and port that no entry decides. To the node itself it is a health check's answer. Where it proves
// its service (proof.h) the connection is taken up, or the packet at least translated back from the generation alone, on any node.
// A reset may refute the guess that the connection was taken up by (adopt.h).
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

template <typename Entry>
void settle_lone_reply(const Pass& pass, Packet& packet) noexcept;

extern template void settle_lone_reply<ConnEntry4>(const Pass&, Packet&) noexcept;
extern template void settle_lone_reply<ConnEntry6>(const Pass&, Packet&) noexcept;

}  // namespace tandem
