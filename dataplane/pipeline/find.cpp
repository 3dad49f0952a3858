// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/find.h"

#include "dataplane/lb/owner.h"
#include "dataplane/pipeline/connection_end.h"

namespace tandem {

namespace {

template <typename Entry, Direction kDirection>
void hash_all(const Pass& pass, Lane& lane) noexcept {
  std::array<ClientEnd<typename Entry::AddressType>, kBatchMax> ends;
  std::array<std::uint64_t, kBatchMax> hashes;
  for (std::size_t i = 0; i < lane.size(); ++i) ends[i] = key_of<Entry, kDirection>(*lane[i]).client;
  pass.context.hasher->batch(std::span{ends}.first(lane.size()), std::span{hashes}.first(lane.size()));
  for (std::size_t i = 0; i < lane.size(); ++i)
    if (lane[i]->origin != Origin::handed_over) [[likely]]
      lane[i]->flow_hash = hashes[i];
}

// Keeps our own and asks for their tags; the rest goes to its owner, once.
template <typename Entry>
void keep_own(const Pass& pass, Lane& lane) noexcept {
  const ConnTable<Entry>& table = *pass.connections<Entry>().table;
  std::size_t kept = 0;
  for (Packet* packet : lane) {
    const WorkerId owner = owner_of(static_cast<std::uint32_t>(packet->flow_hash >> 32), pass.generation.owners);
    if (owner != pass.context.self && packet->origin != Origin::handed_over && !packet->receiver_owns) [[unlikely]] {
      pass.batch.hand_over(*packet, owner);
      continue;
    }
    table.prefetch(packet->flow_hash);
    lane[kept++] = packet;
  }
  lane.shorten(kept);
}

Lane& lane_of(FamilyLanes<ConnEntry4>& lanes, ForwardingMethod method) noexcept {
  return method == ForwardingMethod::nat ? lanes.nat_to_backend : lanes.l2_dsr;
}
Lane& lane_of(FamilyLanes<ConnEntry6>& lanes, ForwardingMethod method) noexcept {
  return method == ForwardingMethod::nat ? lanes.nat_to_backend : lanes.l2_dsr;
}

// Forwarded by its entry alone: the backend is the one it was given, and the packet is not a SYN, which may begin anew.
template <typename Entry>
bool decides_alone(const Pass& pass, const Entry* entry, const Packet& packet) noexcept {
  if (entry == nullptr) return false;
  const BackendView& view = (*pass.generation.backends)[index(entry->backend_slot)];
  return entry->belongs_to(view) && view.state != BackendState::unused && !is_bare_syn(packet.l4_flags);
}

template <typename Entry, Direction kDirection>
void settle(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  if (kDirection == Direction::from_backend && packet.hop_limit() <= 1) [[unlikely]]
    return pass.batch.drop(packet, DropReason::ttl_expired);
  const Connections<Entry>& connections = pass.connections<Entry>();
  if (packet.is_tcp() && is_steady(entry.state, packet.l4_flags)) [[likely]]
    entry.touch(connections.expiry->tick());
  else observe_packet(pass.context, connections, entry, kDirection, packet.l4_flags);
  packet.connection = &entry;
  FamilyLanes<Entry>& lanes = pass.lanes_of<Entry>();
  if constexpr (kDirection == Direction::from_client) lane_of(lanes, entry.method).push(&packet);
  else lanes.nat_to_client.push(&packet);
}

template <typename Entry, Direction kDirection>
void look_up(const Pass& pass, Lane& lane, Lane& undecided) noexcept {
  if (lane.empty()) return;
  ConnTable<Entry>& table = *pass.connections<Entry>().table;
  std::array<Candidate, kBatchMax> candidates;
  hash_all<Entry, kDirection>(pass, lane);
  keep_own<Entry>(pass, lane);
  for (std::size_t i = 0; i < lane.size(); ++i) candidates[i] = table.candidate(lane[i]->flow_hash);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < lane.size(); ++i) {
    Packet& packet = *lane[i];
    Entry* entry = table.find(packet.flow_hash, candidates[i], key_of<Entry, kDirection>(packet), kDirection);
    hits += entry != nullptr;
    if (decides_alone(pass, entry, packet)) [[likely]]
      settle<Entry, kDirection>(pass, packet, *entry);
    else undecided.push(&packet);
  }
  pass.counters().lookups_hit.add(hits);
  pass.counters().lookups_miss.add(lane.size() - hits);
}

template <typename Entry>
void find_family(const Pass& pass) noexcept {
  FamilyLanes<Entry>& lanes = pass.lanes_of<Entry>();
  look_up<Entry, Direction::from_client>(pass, lanes.from_client, lanes.undecided_from_client);
  look_up<Entry, Direction::from_backend>(pass, lanes.from_backend, lanes.undecided_from_backend);
}

}  // namespace

void find_connections(const Pass& pass) noexcept {
  find_family<ConnEntry4>(pass);
  find_family<ConnEntry6>(pass);
}

}  // namespace tandem
