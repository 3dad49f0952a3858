// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/lone_reply.h"

#include "dataplane/local/answer.h"
#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/hand_to_peer.h"
#include "dataplane/pipeline/judge_source.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/odd.h"
#include "dataplane/pipeline/own_error.h"
#include "dataplane/pipeline/packet_key.h"
#include "dataplane/pipeline/send.h"

namespace tandem {

namespace {

// The entry of a slot's former user says nothing about its present one.
template <typename Entry>
void forget_stale_entry(const Pass& pass, const Packet& packet) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  Entry* entry = connections.table->find(packet.flow_hash, key_of<Entry, Direction::from_backend>(packet), Direction::from_backend);
  if (entry != nullptr) end_connection(pass.context, connections, *entry, RemoveReason::backend_gone);
}

template <typename Entry>
const NatBackendEntry* backend_of(const Pass& pass, const Packet& packet) noexcept {
  constexpr const Entry* family = nullptr;
  return pass.generation.index->find_nat_backend(source_of(packet, family), static_cast<Protocol>(packet.protocol), packet.source_port);
}

// Of several services: the peer may know whose it is.
void settle_shared_reply(const Pass& pass, Packet& packet, const NatBackendEntry& backend) noexcept {
  if ((pass.context.roles.on_peer & backend.groups) != 0 && hand_to_peer(pass, packet)) return;
  pass.batch.drop(packet, DropReason::reply_without_connection);
}

template <typename Entry>
void translate_back(const Pass& pass, Packet& packet, const NatBackendEntry& backend) noexcept {
  constexpr const Entry* family = nullptr;
  const ServiceView& service = (*pass.generation.services)[index(backend.service)];
  const typename Entry::Key key{{target_of(packet, family), packet.target_port, static_cast<Protocol>(packet.protocol)},
                                address_as<typename Entry::AddressType>(service.vip),
                                Be16{service.port}};
  pass.counters().orphans[static_cast<std::size_t>(OrphanDecision::stateless_reply)].add();
  Entry passing = new_entry<Entry>(pass.generation, key, service, backend.slot);
  send_to_client<NatToClient>(pass, packet, passing);
}

}  // namespace

template <typename Entry>
void settle_lone_reply(const Pass& pass, Packet& packet) noexcept {
  forget_stale_entry<Entry>(pass, packet);
  if (is_node_address(pass.generation, packet.target())) return give_to_node(pass, packet);
  const NatBackendEntry* backend = backend_of<Entry>(pass, packet);
  if (backend == nullptr) return pass.batch.drop(packet, DropReason::reply_without_connection);
  if (backend->service == kNoService) return settle_shared_reply(pass, packet, *backend);
  if (is_to_denied(pass, packet, backend->service)) return pass.batch.drop(packet, DropReason::denied);
  if (packet.hop_limit() <= 1) return drop_expired(pass, packet);
  translate_back<Entry>(pass, packet, *backend);
}

template void settle_lone_reply<ConnEntry4>(const Pass&, Packet&) noexcept;
template void settle_lone_reply<ConnEntry6>(const Pass&, Packet&) noexcept;

}  // namespace tandem
