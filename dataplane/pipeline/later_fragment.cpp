// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/later_fragment.h"

#include "dataplane/pipeline/hand_to_peer.h"
#include "dataplane/pipeline/known_entry.h"
#include "dataplane/pipeline/odd.h"
#include "dataplane/pipeline/own_error.h"
#include "dataplane/pipeline/send_from_client.h"

namespace tandem {

namespace {

// Only the first one could open a connection, or be forwarded without.
void settle_without_entry(const Pass& pass, Packet& packet, std::uint32_t groups_on_peer) noexcept {
  if (groups_on_peer != 0 && hand_to_peer(pass, packet)) return;
  pass.batch.drop(packet, DropReason::fragment_without_connection);
}

// It says nothing of the connection's state, but that it lives.
template <typename Entry, Direction kDirection>
void send_by_entry(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  if (packet.hop_limit() <= 1) return drop_expired(pass, packet);
  entry.touch(pass.connections<Entry>().expiry->tick());
  if constexpr (kDirection == Direction::from_client) send_from_client<NatLaterToBackend>(pass, packet, entry);
  else send_to_client<NatLaterToClient>(pass, packet, entry);
}

template <typename Entry, Direction kDirection>
void follow(const Pass& pass, Packet& packet, std::uint32_t groups_on_peer) noexcept {
  with_known_entry<Entry>(pass, packet, key_of<Entry, kDirection>(packet), kDirection, [&](Entry* entry) {
    if (entry == nullptr) settle_without_entry(pass, packet, groups_on_peer);
    else send_by_entry<Entry, kDirection>(pass, packet, *entry);
  });
}

template <typename Entry>
void settle(const Pass& pass, Packet& packet) noexcept {
  constexpr const Entry* family = nullptr;
  const VipIndex& vips = *pass.generation.index;
  if (const VipEntry* vip = vips.find_vip(target_of(packet, family)))
    return follow<Entry, Direction::from_client>(pass, packet, groups_of_peer(pass) & 1U << index(vip->group));
  const auto* backend = vips.find_nat_backend(source_of(packet, family), static_cast<Protocol>(packet.protocol), packet.source_port);
  if (backend == nullptr) return give_to_node(pass, packet);
  follow<Entry, Direction::from_backend>(pass, packet, pass.context.roles.on_peer & groups_of(pass, *backend));
}

}  // namespace

// To a pool address: its port finds the entry, which is there before its first fragment.
void sort_later_fragment(const Pass& pass, Packet& packet) noexcept {
  packet.receiver_owns = false;
  const VipEntry* vip = pass.generation.index->find_vip(packet.target());
  if (vip != nullptr && (vip->flags & kVipPool) != 0) pass.lanes.from_pools.push(packet, vip->pool);
  else pass.lanes.later_fragments.push(&packet);
}

void forward_later_fragments(const Pass& pass) noexcept {
  for (Packet* packet : pass.lanes.later_fragments) {
    if (packet->family == Family::ipv4) settle<ConnEntry4>(pass, *packet);
    else settle<ConnEntry6>(pass, *packet);
  }
}

}  // namespace tandem
