// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/find_by_port.h"

#include "dataplane/conn/port_book.h"
#include "dataplane/lb/owner.h"
#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/cut.h"
#include "dataplane/pipeline/hand_to_peer.h"
#include "dataplane/pipeline/own_error.h"

namespace tandem {

namespace {

const PortBook& ports_of(const Pass& pass, const PoolLane& lane, std::size_t i) noexcept { return *pass.pools[index(lane.pools[i])].ports; }

Protocol protocol_of(const Packet& packet) noexcept { return static_cast<Protocol>(packet.protocol); }

// Gives what is not ours to its owner, asks for the others' cells, and closes the gaps.
void keep_own(const Pass& pass, PoolLane& lane) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lane.packets.size(); ++i) {
    Packet& packet = *lane.packets[i];
    const std::uint16_t port = packet.target_port.host();
    const WorkerId owner = pass.generation.owners[index(owner_slot_of_port(port))];
    if (owner != pass.context.self && packet.origin != Origin::handed_over) {
      pass.batch.hand_over(packet, owner);
      continue;
    }
    ports_of(pass, lane, i).prefetch(protocol_of(packet), port);
    lane.packets[kept] = &packet;
    lane.pools[kept++] = lane.pools[i];
  }
  lane.packets.shorten(kept);
}

// The packet's entry, asked for; null when nobody has the port.
void ask_for_entries(const Pass& pass, PoolLane& lane) noexcept {
  for (std::size_t i = 0; i < lane.packets.size(); ++i) {
    Packet& packet = *lane.packets[i];
    lane.places[i] = ports_of(pass, lane, i).find(protocol_of(packet), packet.target_port.host()).value_or(ConnPlace{});
    if (lane.places[i].handle == kNoConn) continue;
    if (lane.places[i].family == Family::ipv4) pass.context.connections4.table->prefetch_at(lane.places[i].handle);
    else pass.context.connections6.table->prefetch_at(lane.places[i].handle);
  }
}

// Compared as the packet has it: to make an address of either family of it costs more than the rest.
bool is_from(const Packet& packet, const IpAddress& address) noexcept {
  if (packet.family != address.family) return false;
  return packet.family == Family::ipv4 ? packet.ipv4().source == address.v4() : packet.ipv6().source == address.v6();
}

// It comes from the connection's backend, and the backend is still the one.
template <typename Entry>
bool is_answer(const Pass& pass, const Packet& packet, const Entry* entry) noexcept {
  if (entry == nullptr || entry->method != ForwardingMethod::full_nat) return false;
  const BackendView& backend = pass.backend_views[index(entry->backend_slot)];
  return entry->belongs_to(backend) && backend.fate != Fate::none && is_from(packet, backend.address) &&
         entry->backend_port == packet.source_port;
}

void settle_stray(const Pass& pass, Packet& packet, PoolSlot pool) noexcept {
  if (pass.context.roles.is_on_peer(pass.pools[index(pool)].group) && hand_to_peer(pass, packet)) return;
  pass.batch.drop(packet, DropReason::reply_without_connection);
}

template <typename Entry>
void settle(const Pass& pass, Packet& packet, ConnHandle handle, PoolSlot pool) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  Entry* entry = connections.table->at(handle);
  if (!is_answer(pass, packet, entry)) return settle_stray(pass, packet, pool);
  if (packet.hop_limit() <= 1) return drop_expired(pass, packet);
  if (packet.kind != PacketKind::later_fragment && is_ending(pass, *entry)) [[unlikely]]  // of a fragment no answer could be made
    return settle_ending(pass, packet, *entry, Direction::from_backend);
  const bool steady = packet.is_tcp() && is_steady(entry->state, packet.l4_flags);
  if (steady || packet.kind == PacketKind::later_fragment) [[likely]]
    entry->touch(connections.expiry->tick());
  else observe_packet(pass.context, connections, *entry, Direction::from_backend, packet.l4_flags);
  packet.connection = entry;
  pass.lanes_of<Entry>().to_client_full_nat.push(&packet);
}

}  // namespace

void find_by_port(const Pass& pass) noexcept {
  PoolLane& lane = pass.lanes.from_pools;
  if (lane.packets.empty()) return;
  keep_own(pass, lane);
  ask_for_entries(pass, lane);
  for (std::size_t i = 0; i < lane.packets.size(); ++i) {
    const ConnPlace& place = lane.places[i];
    if (place.family == Family::ipv4) settle<ConnEntry4>(pass, *lane.packets[i], place.handle, lane.pools[i]);
    else settle<ConnEntry6>(pass, *lane.packets[i], place.handle, lane.pools[i]);
  }
}

}  // namespace tandem
