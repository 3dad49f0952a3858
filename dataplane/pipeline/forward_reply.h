// SPDX-License-Identifier: Apache-2.0
// A nat reply by its entry, for one packet; batches go by find.h and rewrite_all.h.
#pragma once

#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/send.h"

namespace tandem {

template <typename Entry>
void forward_reply(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  observe_packet(pass.context, pass.connections<Entry>(), entry, Direction::from_backend, packet.l4_flags);
  send_to_client<NatToClient>(pass, packet, entry);
}

}  // namespace tandem
