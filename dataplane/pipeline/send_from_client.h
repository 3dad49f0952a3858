// SPDX-License-Identifier: Apache-2.0
// By the entry's own method, for one packet at a time; rewrite_all does a batch sorted by method.
#pragma once

#include "dataplane/pipeline/send_by_full_nat.h"
#include "dataplane/pipeline/send_by_tunnel.h"

namespace tandem {

// `Nat`: what nat does to the packet; what the other methods do to a fragment follows from its kind, or is the same.
template <typename Nat = NatToBackend, typename Entry>
void send_from_client(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  switch (entry.method) {
    case ForwardingMethod::nat:
      return send_to_backend<Nat>(pass, packet, entry);
    case ForwardingMethod::l2_dsr:
      return send_to_backend<L2Dsr>(pass, packet, entry);
    case ForwardingMethod::full_nat:
      return send_by_full_nat(pass, packet, entry);
    case ForwardingMethod::ipip:
    case ForwardingMethod::gue:
      return send_by_tunnel(pass, packet, entry);
  }
}

}  // namespace tandem
