// SPDX-License-Identifier: Apache-2.0
// The entry of one packet that opens no connection: an ICMP error, a later fragment. Batches go by find.h.
#pragma once

#include "dataplane/pipeline/find.h"
#include "dataplane/pipeline/packet_key.h"

namespace tandem {

// There is one, and its backend is the one that it was given.
template <typename Entry>
bool is_in_force(const Pass& pass, const Entry* entry) noexcept {
  if (entry == nullptr) return false;
  const BackendView& view = pass.backend_views[index(entry->backend_slot)];
  return entry->belongs_to(view) && view.fate != Fate::none;
}

// Where it is owned, and handed over there if need be; settle(Entry*) gets the one in force, or null.
template <typename Entry, typename Settle>
void with_known_entry(const Pass& pass, Packet& packet, const typename Entry::Key& key, Direction direction, Settle&& settle) noexcept {
  const TableHash hash = (*pass.context.hasher)(key.client);
  const WorkerId owner = owner_of_hash(pass, hash);
  if (owner != pass.context.self && packet.origin != Origin::handed_over) return pass.batch.hand_over(packet, owner);
  Entry* const entry = pass.connections<Entry>().table->find(hash, key, direction);
  settle(is_in_force(pass, entry) ? entry : nullptr);
}

// Of the services that share the backend's port.
inline std::uint32_t groups_of(const Pass& pass, const NatBackendEntry& backend) noexcept {
  if (backend.service == kNoService) return backend.groups;
  return 1U << index((*pass.generation.services)[index(backend.service)].group);
}

}  // namespace tandem
