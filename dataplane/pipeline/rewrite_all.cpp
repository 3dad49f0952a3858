// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/rewrite_all.h"

#include "dataplane/pipeline/send.h"

namespace tandem {

namespace {

template <typename Rewrite, typename Entry>
void to_backends(const Pass& pass, Lane& lane) noexcept {
  for (Packet* packet : lane) send_to_backend<Rewrite>(pass, *packet, *static_cast<const Entry*>(packet->connection));
}

template <typename Entry>
void rewrite_family(const Pass& pass) noexcept {
  FamilyLanes<Entry>& lanes = pass.lanes_of<Entry>();
  to_backends<NatToBackend, Entry>(pass, lanes.nat_to_backend);
  to_backends<L2Dsr, Entry>(pass, lanes.l2_dsr);
  for (Packet* packet : lanes.nat_to_client) send_to_client(pass, *packet, *static_cast<Entry*>(packet->connection));
}

}  // namespace

void rewrite_all(const Pass& pass) noexcept {
  rewrite_family<ConnEntry4>(pass);
  rewrite_family<ConnEntry6>(pass);
}

}  // namespace tandem
