// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/find.h"

#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/cut.h"
#include "dataplane/pipeline/find_by_port.h"
#include "dataplane/pipeline/judge_source.h"
#include "dataplane/pipeline/own_error.h"

namespace tandem {

namespace {

// Gives what is not ours to its owner, once, and closes the gaps.
template <typename Entry>
void hand_over_others(const Pass& pass, FindLane<Entry>& lane) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lane.packets.size(); ++i) {
    Packet& packet = *lane.packets[i];
    const WorkerId owner = owner_of_hash(pass, lane.hashes[i]);
    if (owner != pass.context.self && packet.origin != Origin::handed_over && !packet.receiver_owns) {
      pass.batch.hand_over(packet, owner);
      continue;
    }
    lane.packets[kept] = &packet;
    lane.keys[kept] = lane.keys[i];
    lane.hashes[kept++] = lane.hashes[i];
  }
  lane.packets.shorten(kept);
}

// Hashes all, asks for the tags of all, and keeps our own.
template <typename Entry>
void hash_all(const Pass& pass, FindLane<Entry>& lane) noexcept {
  const ConnTable<Entry>& table = *pass.connections<Entry>().table;
  const std::size_t count = lane.packets.size();
  pass.context.hasher->batch(std::span{lane.ends}.first(count), std::span{lane.hashes}.first(count));
  bool others = false;
  for (const TableHash hash : std::span{lane.hashes}.first(count)) {
    table.prefetch(hash);
    others |= owner_of_hash(pass, hash) != pass.context.self;
  }
  if (others) hand_over_others(pass, lane);
}

// A SYN may begin anew; a reset by a backend that was guessed may deny it.
template <Direction kDirection, typename Entry>
bool wants_a_closer_look(const Entry& entry, const Packet& packet) noexcept {
  if constexpr (kDirection == Direction::from_client) return is_bare_syn(packet.l4_flags);
  else return (packet.l4_flags & kTcpRst) != 0 && entry.is(kConnAdopted);
}

// Forwarded by its entry alone: the backend is the one it was given, and keeps what it has.
template <Direction kDirection, typename Entry>
bool decides_alone(const Entry* entry, std::span<const BackendView> views, const Packet& packet) noexcept {
  if (entry == nullptr) [[unlikely]]
    return false;
  const BackendView& view = views[index(entry->backend_slot)];
  const bool goes_on = kDirection == Direction::from_client ? client_goes_on(view.fate) : backend_goes_on(view.fate);
  return entry->belongs_to(view) && goes_on && !wants_a_closer_look<kDirection>(*entry, packet);
}

// What one packet does to its entry. False: the connection is being cut.
template <typename Entry, Direction kDirection>
bool note(const Pass& pass, Packet& packet, Entry& entry, Tick tick) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  if (packet.is_tcp() && is_steady(entry.state, packet.l4_flags)) [[likely]]
    entry.touch(tick);
  else if (is_cut(connections, entry)) return false;
  else observe_packet(pass.context, connections, entry, kDirection, packet.l4_flags);
  packet.connection = &entry;
  return true;
}

void leave_undecided(Packet& packet, TableHash hash, Lane& undecided) noexcept {
  packet.flow_hash = hash;
  undecided.push(&packet);
}

// By method without a branch that the mixture of methods would make unpredictable.
template <typename Entry, Direction kDirection>
void sort_found(FamilyLanes<Entry>& lanes, Packet& packet, const Entry& entry) noexcept {
  if constexpr (kDirection == Direction::from_backend) return lanes.to_client.push(&packet);
  lanes.by(entry.method).push(&packet);
}

template <typename Entry, Direction kDirection>
void look_up(const Pass& pass, FindLane<Entry>& lane, Lane& undecided) noexcept {
  if (lane.packets.empty()) return;
  ConnTable<Entry>& table = *pass.connections<Entry>().table;
  FamilyLanes<Entry>& lanes = pass.lanes_of<Entry>();
  const std::span<const BackendView> views = pass.backend_views;
  const Tick tick = pass.connections<Entry>().expiry->tick();
  hash_all(pass, lane);
  const std::size_t count = lane.packets.size();
  table.candidates(std::span{lane.hashes}.first(count), lane.candidates);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Packet& packet = *lane.packets[i];
    Entry* entry = table.find(lane.hashes[i], lane.candidates[i], lane.keys[i], kDirection);
    hits += entry != nullptr;
    if (!decides_alone<kDirection>(entry, views, packet)) [[unlikely]] {
      leave_undecided(packet, lane.hashes[i], undecided);
    } else if (kDirection == Direction::from_backend && packet.hop_limit() <= 1) [[unlikely]] {
      drop_expired(pass, packet);
    } else if (kDirection == Direction::from_client && views[index(entry->backend_slot)].packets_limited &&
               is_packet_over_limit(pass, packet, table.detail(*entry).service)) [[unlikely]] {
      continue;
    } else if (note<Entry, kDirection>(pass, packet, *entry, tick)) [[likely]] {
      sort_found<Entry, kDirection>(lanes, packet, *entry);
    } else {
      leave_undecided(packet, lane.hashes[i], undecided);
    }
  }
  pass.counters().lookups_hit.add(hits);
  pass.counters().lookups_miss.add(count - hits);
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
  find_by_port(pass);
}

}  // namespace tandem
