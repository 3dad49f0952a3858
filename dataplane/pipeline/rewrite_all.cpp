// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/rewrite_all.h"

#include "dataplane/pipeline/send_from_client.h"

namespace tandem {

namespace {

template <typename Rewrite, typename Entry>
void to_backends(const Pass& pass, Lane& lane) noexcept {
  for (Packet* packet : lane) send_to_backend<Rewrite>(pass, *packet, *static_cast<const Entry*>(packet->connection));
}

// Their outer headers are asked for together: a line for each backend.
template <typename Entry>
void through_tunnels(const Pass& pass, Lane& lane) noexcept {
  for (Packet* packet : lane) prefetch(&pass.tunnels[index(static_cast<const Entry*>(packet->connection)->backend_slot)]);
  for (Packet* packet : lane) send_by_tunnel(pass, *packet, *static_cast<const Entry*>(packet->connection));
}

template <typename Entry>
void rewrite_family(const Pass& pass) noexcept {
  FamilyLanes<Entry>& lanes = pass.lanes_of<Entry>();
  to_backends<NatToBackend, Entry>(pass, lanes.by(ForwardingMethod::nat));
  to_backends<L2Dsr, Entry>(pass, lanes.by(ForwardingMethod::l2_dsr));
  through_tunnels<Entry>(pass, lanes.by(ForwardingMethod::ipip));
  through_tunnels<Entry>(pass, lanes.by(ForwardingMethod::gue));
  for (Packet* packet : lanes.by(ForwardingMethod::full_nat))
    send_by_full_nat(pass, *packet, *static_cast<const Entry*>(packet->connection));
  for (Packet* packet : lanes.to_client_full_nat) send_full_nat_to_client(pass, *packet, *static_cast<Entry*>(packet->connection));
  for (Packet* packet : lanes.to_client) send_to_client<NatToClient>(pass, *packet, *static_cast<Entry*>(packet->connection));
}

}  // namespace

void rewrite_all(const Pass& pass) noexcept {
  rewrite_family<ConnEntry4>(pass);
  rewrite_family<ConnEntry6>(pass);
}

}  // namespace tandem
