// SPDX-License-Identifier: Apache-2.0
// The last step of a full-nat packet in either direction: send.h's way, with both ends translated and perhaps another IP header.
#pragma once

#include "dataplane/forward/full_nat.h"
#include "dataplane/pipeline/send.h"
#include "dataplane/pipeline/tell_address.h"

namespace tandem {

// A part of a packet of the other family would need a fragment header made or taken away (RFC 7915 4.1, 5.1.1).
inline bool is_fragment_of_other_family(const Packet& packet, Family family) noexcept {
  return packet.family != family && packet.is_fragment();
}

// `tell` puts so many bytes into the packet; false: the buffer has no room.
template <typename Entry, typename Tell>
void send_full_nat_to_backend(const Pass& pass, Packet& packet, const Entry& entry, std::size_t more_bytes, Tell&& tell) noexcept {
  const BackendView& backend = pass.backend_views[index(entry.backend_slot)];
  if (is_fragment_of_other_family(packet, backend.address.family)) [[unlikely]]
    return pass.batch.drop(packet, DropReason::fragment_changes_family);
  const IpAddress& pool = pass.pools[index(entry.own_source().pool)].address;
  send_grown(pass, packet, &pass.backend_hops[index(entry.backend_slot)], backend.address, entry.backend_slot,
             growth_as(packet, backend.address.family) + static_cast<int>(more_bytes), [&] {
               if (!tell() || !full_nat_to_backend(packet, entry, pool, backend.address)) return false;
               count_received(pass, packet.ip_bytes, entry.backend_slot);
               return true;
             });
}

template <typename Entry>
void send_by_full_nat(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  if (entry.owes_address()) [[unlikely]]
    return send_with_address(pass, packet, entry);
  send_full_nat_to_backend(pass, packet, entry, 0, [] { return true; });
}

template <typename Entry>
void send_full_nat_to_client(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  if (is_fragment_of_other_family(packet, family_of<Entry>())) [[unlikely]]
    return pass.batch.drop(packet, DropReason::fragment_changes_family);
  if (entry.owes_address()) [[unlikely]]
    hear_of_address(pass, packet, entry);
  const ClientHop hop = client_hop(pass, entry);
  if (!hop.routed) [[unlikely]]
    return pass.batch.drop(packet, DropReason::no_route);
  send_grown(pass, packet, hop.adjacency, entry.client, kNoBackend, growth_as(packet, family_of<Entry>()), [&] {
    if (!full_nat_to_client(packet, entry)) return false;
    count_transmitted(pass, packet, entry.backend_slot);
    return true;
  });
}

}  // namespace tandem
