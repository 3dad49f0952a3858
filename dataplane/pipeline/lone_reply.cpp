// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/lone_reply.h"

#include "dataplane/local/answer.h"
#include "dataplane/pipeline/adopt.h"
#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/cut.h"
#include "dataplane/pipeline/forward_reply.h"
#include "dataplane/pipeline/hand_to_peer.h"
#include "dataplane/pipeline/judge_source.h"
#include "dataplane/pipeline/known_entry.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/odd.h"
#include "dataplane/pipeline/own_error.h"
#include "dataplane/pipeline/proof.h"

namespace tandem {

namespace {

template <typename Entry>
void settle_known(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  if (is_ending(pass, entry)) return settle_ending(pass, packet, entry, Direction::from_backend);
  if (packet.hop_limit() <= 1) return drop_expired(pass, packet);
  if (is_refuted(pass, packet, entry)) return guess_again(pass, packet, entry);
  forward_reply(pass, packet, entry);
}

// The entry of a slot's former user says nothing about its present one. True: the packet has its verdict.
template <typename Entry>
bool settle_by_entry(const Pass& pass, Packet& packet) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  Entry* entry = connections.table->find(packet.flow_hash, key_of<Entry, Direction::from_backend>(packet), Direction::from_backend);
  const bool in_force = is_in_force(pass, entry);
  if (in_force) settle_known(pass, packet, *entry);
  else if (entry != nullptr) end_connection(pass.context, connections, *entry, RemoveReason::backend_gone);
  return in_force;
}

template <typename Entry>
const NatBackendEntry* backend_of(const Pass& pass, const Packet& packet) noexcept {
  constexpr const Entry* family = nullptr;
  return pass.generation.index->find_nat_backend(source_of(packet, family), static_cast<Protocol>(packet.protocol), packet.source_port);
}

// Of several services: the peer may know whose it is.
bool hand_shared_to_peer(const Pass& pass, Packet& packet, const NatBackendEntry& backend) noexcept {
  return backend.service == kNoService && (pass.context.roles.on_peer & backend.groups) != 0 && hand_to_peer(pass, packet);
}

template <typename Entry>
void translate_back(const Pass& pass, Packet& packet, const Proof<Entry>& proof) noexcept {
  pass.counters().orphans[static_cast<std::size_t>(OrphanDecision::stateless_reply)].add();
  Entry passing = new_entry<Entry>(pass.generation, proof.newcomer.key, *proof.newcomer.service, proof.slot);
  send_to_client<NatToClient>(pass, packet, passing);
}

}  // namespace

template <typename Entry>
void settle_lone_reply(const Pass& pass, Packet& packet) noexcept {
  if (settle_by_entry<Entry>(pass, packet)) return;
  if (is_node_address(pass.generation, packet.target())) return give_to_node(pass, packet);
  const NatBackendEntry* backend = backend_of<Entry>(pass, packet);
  if (backend == nullptr) return pass.batch.drop(packet, DropReason::reply_without_connection);
  if (hand_shared_to_peer(pass, packet, *backend)) return;
  const auto proof = proven_by<Entry>(pass, packet, *backend);
  if (!proof) return pass.batch.drop(packet, DropReason::reply_without_connection);
  if (is_to_denied(pass, packet, proof->newcomer.id)) return pass.batch.drop(packet, DropReason::denied);
  if (packet.hop_limit() <= 1) return drop_expired(pass, packet);
  if (Entry* entry = adopt_by_reply(pass, proof->newcomer, proof->slot)) return send_to_client<NatToClient>(pass, packet, *entry);
  if (is_refuted_before(pass, proof->newcomer)) return pass.batch.drop(packet, DropReason::adopted_reset);
  translate_back<Entry>(pass, packet, *proof);
}

template void settle_lone_reply<ConnEntry4>(const Pass&, Packet&) noexcept;
template void settle_lone_reply<ConnEntry6>(const Pass&, Packet&) noexcept;

}  // namespace tandem
