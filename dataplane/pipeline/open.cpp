// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/open.h"

#include "dataplane/pipeline/backend_choice.h"
#include "dataplane/pipeline/begin_entry.h"
#include "dataplane/pipeline/make_room.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/send_from_client.h"
#include "dataplane/pipeline/untracked.h"

namespace tandem {

namespace {

// How many other backends are tried when a client's port is taken at the chosen one by its connection to another VIP.
constexpr std::size_t kReplyKeyTries = 16;

template <typename Entry>
bool is_tcp(const Newcomer<Entry>& newcomer) noexcept {
  return newcomer.key.client.protocol == Protocol::tcp;
}

template <typename Entry>
Life first_life(const Newcomer<Entry>& newcomer) noexcept {
  return is_tcp(newcomer) ? begin_tcp(Direction::from_client, newcomer.packet->l4_flags) : begin_udp();
}

// What the service's own schedule would choose again is not an exception; a backend that was lent is not in it.
template <typename Entry>
typename ConnTable<Entry>::Inserted insert_at(const Pass& pass, const Newcomer<Entry>& newcomer, const Choice& choice) noexcept {
  const bool exception = choice.exception || newcomer.is_lent();
  return begin_entry(pass, newcomer,
                     {.slot = newcomer.lender->members[choice.member],
                      .flags = exception ? kConnException : std::uint8_t{0},
                      .life = first_life(newcomer)});
}

// Null with `failure` told when there is no entry; no_backend when every backend that was tried has the client's port taken:
// forwarding would mix two connections' replies.
template <typename Entry>
typename ConnTable<Entry>::Inserted insert(const Pass& pass, const Newcomer<Entry>& newcomer, Choice choice) noexcept {
  typename ConnTable<Entry>::Inserted inserted = insert_at(pass, newcomer, choice);
  const ServiceView& lender = *newcomer.lender;
  const std::size_t tries = std::min(kReplyKeyTries, lender.live->count());
  for (std::size_t i = 0; inserted.failure == InsertFailure::reply_key_taken && i < tries; ++i) {
    count_failure(pass, inserted.failure);
    choice = another_backend(lender, newcomer.schedule_hash, choice.member, i);
    inserted = insert_at(pass, newcomer, choice);
    if (inserted.entry != nullptr) count(*lender.schedule, *lender.turns, *lender.live, choice);
  }
  if (inserted.entry == nullptr) count_failure(pass, inserted.failure);
  return inserted;
}

template <typename Entry>
void count_new(const Pass& pass, const Newcomer<Entry>& newcomer, const Entry& entry) noexcept {
  BackendCounters& backend = pass.backend(entry.backend_slot);
  backend.new_connections.add();
  if (newcomer.is_lent()) backend.lent_connections.add();
}

// Its answer could not be told from another service's, or would not reach its client, without an entry.
template <typename Entry>
bool is_answered_by_entry_alone(const Pass& pass, const Newcomer<Entry>& newcomer, BackendSlot slot) noexcept {
  if (newcomer.service->method == ForwardingMethod::full_nat) return true;
  if (newcomer.service->method != ForwardingMethod::nat) return false;
  const BackendView& backend = pass.backend_views[index(slot)];
  const NatBackendEntry* proof = pass.generation.index->find_nat_backend(
      address_as<typename Entry::AddressType>(backend.address), newcomer.key.client.protocol, backend_port(backend, newcomer.key.far_port));
  return proof == nullptr || proof->service != newcomer.id;
}

// In a flood a SYN is not remembered: its client's ACK will be. True: it has its verdict.
template <typename Entry>
bool pass_in_flood(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  if (!is_tcp(newcomer) || !connections.table->flood().judge(connections.table->fill(), connections.expiry->tick())) return false;
  const BackendSlot slot = first_live_backend(newcomer);
  if (slot == kNoBackend || is_answered_by_entry_alone(pass, newcomer, slot)) return false;
  connections.table->flood().syn_passed();
  send_untracked(pass, newcomer, slot, OrphanDecision::flood_syn);
  return true;
}

// False: there is none, which is counted.
template <typename Entry>
bool has_room(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const InsertFailure failure = make_room<Entry>(pass, is_tcp(newcomer));
  if (failure != InsertFailure::count_) count_failure(pass, failure);
  return failure == InsertFailure::count_;
}

// What its scheduler would choose is not asked, so it is an exception. Null: no entry.
template <typename Entry>
Entry* begin_named(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  if (!has_room(pass, newcomer)) return nullptr;
  const auto begun = begin_entry(pass, newcomer, {.slot = newcomer.named, .flags = kConnException, .life = begin_udp()});
  if (begun.entry == nullptr) count_failure(pass, begun.failure);
  return begun.entry;
}

}  // namespace

template <typename Entry>
void open_connection(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  if (pass_in_flood(pass, newcomer)) return;
  if (!has_room(pass, newcomer)) return forward_untracked(pass, newcomer);
  const Choice choice = choose_backend(pass, *newcomer.lender, newcomer.schedule_hash);
  if (!choice) return pass.batch.drop(*newcomer.packet, DropReason::no_backend);
  const auto inserted = insert(pass, newcomer, choice);
  if (inserted.failure == InsertFailure::reply_key_taken) return pass.batch.drop(*newcomer.packet, DropReason::no_backend);
  if (inserted.failure == InsertFailure::pool_exhausted) return pass.batch.drop(*newcomer.packet, DropReason::pool_exhausted);
  if (inserted.entry == nullptr) return forward_untracked(pass, newcomer);
  count_new(pass, newcomer, *inserted.entry);
  send_from_client(pass, *newcomer.packet, *inserted.entry);
}

template <typename Entry>
void open_named(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const Entry* const entry = begin_named(pass, newcomer);
  if (entry == nullptr) return send_untracked(pass, newcomer, newcomer.named, OrphanDecision::by_connection_id);
  count_orphan(pass, OrphanDecision::by_connection_id);
  send_from_client(pass, *newcomer.packet, *entry);
}

template void open_connection(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
template void open_connection(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
template void open_named(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
template void open_named(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
