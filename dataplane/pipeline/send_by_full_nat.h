// SPDX-License-Identifier: Apache-2.0
// The last step of a full-nat packet in either direction: send.h's way, with both ends translated and perhaps another IP header.
#pragma once

#include "dataplane/forward/full_nat.h"
#include "dataplane/pipeline/send.h"

namespace tandem {

// Rewritten by `rewrite` (false: no room in front) and out by `hop`, or held until that is known.
template <typename Rewrite, typename Count, typename Hold>
void send_translated(const Pass& pass, Packet& packet, const Adjacency* hop, Family becomes, Rewrite&& rewrite, Count&& count,
                     Hold&& hold) noexcept {
  const bool resolved = hop != nullptr && hop->resolved();
  const auto growth = static_cast<std::uint32_t>(growth_as(packet, becomes));  // may be less than 0: sums wrap as they should
  const bool plainly = resolved && leaves_plainly(pass, packet, *hop, growth);
  if (resolved && !plainly)
    if (const DropReason wrong = judge_hop(pass, packet, *hop, growth); wrong != DropReason::count_) return pass.batch.drop(packet, wrong);
  if (!rewrite()) return pass.batch.drop(packet, DropReason::no_buffer);
  count();
  if (!resolved) return hold();
  if (plainly) return leave_plainly(pass, packet, *hop);
  leave(pass, packet, *hop);
}

template <typename Entry>
void send_by_full_nat(const Pass& pass, Packet& packet, const Entry& entry) noexcept {
  const BackendView& backend = pass.backend_views[index(entry.backend_slot)];
  const IpAddress& pool = pass.pools[index(entry.own_source().pool)].address;
  send_translated(
      pass, packet, &pass.backend_hops[index(entry.backend_slot)], backend.address.family,
      [&] { return full_nat_to_backend(packet, entry, pool, backend.address); },
      [&] { count_received(pass, packet.ip_bytes, entry.backend_slot); },
      [&] { pass.batch.hold(packet, backend.address, entry.backend_slot); });
}

template <typename Entry>
void send_full_nat_to_client(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  const Adjacency* hop = remembered_client_hop(pass.generation, entry);
  if (hop == nullptr) [[unlikely]] {
    const ClientHop found = look_up_client_hop(pass.generation, entry);
    if (!found.routed) return pass.batch.drop(packet, DropReason::no_route);
    hop = found.adjacency;
  }
  send_translated(
      pass, packet, hop, family_of<Entry>(), [&] { return full_nat_to_client(packet, entry); },
      [&] { count_transmitted(pass, packet, entry.backend_slot); }, [&] { pass.batch.hold(packet, IpAddress{entry.client}, kNoBackend); });
}

}  // namespace tandem
