// SPDX-License-Identifier: Apache-2.0
// Who may not send to a VIP: forged sources, sources on a deny list, and who has had his share.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// count_: nothing is wrong. `service`: the one it came to; kNoService: none, and the list for all decides.
DropReason judge_source(const Pass& pass, const Packet& packet, ServiceId service) noexcept;

// A reply without a connection, to a client who is denied: his connection was ended for that.
bool is_to_denied(const Pass& pass, const Packet& packet, ServiceId service) noexcept;

// It would open a connection over a limit of the service: then it has its verdict.
bool is_over_limit(const Pass& pass, Packet& packet, ServiceId service) noexcept;

// A packet of a client over a limit of the service: then it has its verdict.
bool is_packet_over_limit(const Pass& pass, Packet& packet, ServiceId service) noexcept;

}  // namespace tandem
