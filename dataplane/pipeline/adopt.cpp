// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/adopt.h"

#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/forward_reply.h"
#include "dataplane/pipeline/make_room.h"
#include "dataplane/pipeline/send_from_client.h"
#include "dataplane/pipeline/suspects.h"
#include "dataplane/pipeline/untracked.h"

namespace tandem {

namespace {

bool is_within_rate(const Pass& pass) noexcept {
  return pass.context.adoption_rate == nullptr || pass.context.adoption_rate->take(pass.context.now);
}

bool is_ours(const Pass& pass, ServiceId service) noexcept { return pass.context.roles.is_active(group_of(pass.context, service)); }

Beginning begin_with(const Suspect& suspect, std::size_t guesses, Life life) noexcept {
  const int exception = suspect.exception ? kConnException : 0;
  return {suspect.slot, static_cast<std::uint8_t>(kConnAdopted | exception), static_cast<std::uint8_t>(guesses), life};
}

// There is something to take up: not of a service that remembers nobody, and not where it would be ended or moved at once.
template <typename Entry>
bool may_be_kept(const Pass& pass, const Newcomer<Entry>& newcomer, BackendSlot slot) noexcept {
  return !newcomer.service->one_packet && stays(pass.backend_views[index(slot)].fate);
}

// Its backend has said nothing yet.
template <typename Entry>
bool is_mere_guess(const Entry& entry, const ConnDetail& detail) noexcept {
  return entry.state == ConnState::half_open && entry.is(kConnAdopted) && detail.guesses != 0;
}

// The client's port may be in use at a suspect by its connection to another VIP: then this one is not there.
template <typename Entry>
Entry* begin_at_next(const Pass& pass, const Newcomer<Entry>& newcomer, const Suspects& suspects, std::size_t guesses, BackendSlot refuted,
                     Life life) noexcept {
  while (const Suspect* suspect = suspects.after(guesses, refuted)) {
    guesses = static_cast<std::size_t>(suspect - suspects.all().data()) + 1;
    const auto begun = begin_entry(pass, newcomer, begin_with(*suspect, guesses, life));
    if (begun.entry != nullptr) return begun.entry;
    count_failure(pass, begun.failure);
  }
  return nullptr;
}

// A guess can only be mended where there is an entry, so what may not have one is sent again later. Where replies do not pass us
// nothing is mended in any case.
template <typename Entry>
void settle_over_rate(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  if (is_one_way(newcomer.service->method)) return forward_untracked(pass, newcomer);
  pass.batch.drop(*newcomer.packet, DropReason::adoption_limited);
}

template <typename Entry>
Newcomer<Entry> newcomer_of(const Pass& pass, Packet& packet, const Entry& entry, ServiceId id) noexcept {
  Newcomer<Entry> newcomer{.packet = &packet, .id = id, .key = entry.client_key()};
  newcomer.service = &(*pass.generation.services)[index(id)];
  newcomer.lender = &lender_of(pass.generation, *newcomer.service);
  newcomer.schedule_hash = schedule_hash_of<Entry>(pass.generation, *newcomer.lender->schedule, newcomer.key);
  return newcomer;
}

}  // namespace

template <typename Entry>
void adopt_by_client(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  FloodMode& flood = pass.connections<Entry>().table->flood();
  const Suspects suspects = suspects_of(pass, newcomer, flood.on());
  if (suspects.all().empty()) return pass.batch.drop(*newcomer.packet, DropReason::no_backend);
  if (!is_within_rate(pass)) return settle_over_rate(pass, newcomer);
  const Life life = begin_tcp(Direction::from_client, newcomer.packet->l4_flags, is_one_way(newcomer.service->method));
  if (const InsertFailure failure = make_room<Entry>(pass, life.state == ConnState::half_open); failure != InsertFailure::count_) {
    count_failure(pass, failure);
    return forward_untracked(pass, newcomer);
  }
  const Entry* entry = begin_at_next(pass, newcomer, suspects, 0, kNoBackend, life);
  if (entry == nullptr) return forward_untracked(pass, newcomer);
  flood.syn_acknowledged();
  count_orphan(pass, OrphanDecision::adopted_first_candidate);
  send_from_client(pass, *newcomer.packet, *entry);
}

template <typename Entry>
Entry* adopt_by_reply(const Pass& pass, const Newcomer<Entry>& newcomer, BackendSlot slot) noexcept {
  const Packet& packet = *newcomer.packet;
  const Connections<Entry>& connections = pass.connections<Entry>();
  if ((packet.is_tcp() && !is_mid_flow(packet.l4_flags)) || !is_ours(pass, newcomer.id) || !may_be_kept(pass, newcomer, slot))
    return nullptr;
  Entry* guessed = connections.table->find(packet.flow_hash, newcomer.key, Direction::from_client);
  if (guessed != nullptr && !is_mere_guess(*guessed, connections.table->detail(*guessed))) return nullptr;
  if (!is_within_rate(pass)) return nullptr;
  if (guessed != nullptr) end_connection(pass.context, connections, *guessed, RemoveReason::replaced);
  else if (make_room<Entry>(pass, false) != InsertFailure::count_) return nullptr;
  const Life life = packet.is_tcp() ? begin_tcp(Direction::from_backend, packet.l4_flags) : begin_udp();
  const Candidates today = newcomer.lender->schedule->candidates(newcomer.schedule_hash);
  const bool exception = newcomer.is_lent() || today.first == kNoMember || newcomer.lender->members[today.first] != slot;
  Entry* entry = begin_entry(pass, newcomer, begin_with({slot, exception}, 0, life)).entry;
  if (entry != nullptr) count_orphan(pass, OrphanDecision::adopted_by_reply);
  return entry;
}

template <typename Entry>
bool is_refuted(const Pass& pass, const Packet& packet, Entry& entry) noexcept {
  const ConnDetail& detail = pass.connections<Entry>().table->detail(entry);
  return packet.is_tcp() && (packet.l4_flags & kTcpRst) != 0 && is_mere_guess(entry, detail) && is_ours(pass, detail.service);
}

template <typename Entry>
void guess_again(const Pass& pass, Packet& packet, Entry& entry) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  const ConnDetail before = connections.table->detail(entry);
  const Newcomer<Entry> newcomer = newcomer_of(pass, packet, entry, before.service);
  const Suspects suspects = suspects_of(pass, newcomer, connections.table->flood().on());
  if (suspects.after(before.guesses, entry.backend_slot) == nullptr) return forward_reply(pass, packet, entry);
  Entry refuted = entry;
  end_connection(pass.context, connections, entry, RemoveReason::replaced);
  if (begin_at_next(pass, newcomer, suspects, before.guesses, refuted.backend_slot, {refuted.state, before.seen}) == nullptr)
    return send_to_client<NatToClient>(pass, packet, refuted);
  count_orphan(pass, OrphanDecision::adopted_next_candidate);
  pass.batch.drop(packet, DropReason::adopted_reset);
}

template <typename Entry>
bool is_refuted_before(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  const Packet& packet = *newcomer.packet;
  if (!packet.is_tcp() || (packet.l4_flags & kTcpRst) == 0) return false;
  const Entry* entry = pass.connections<Entry>().table->find(packet.flow_hash, newcomer.key, Direction::from_client);
  return entry != nullptr && entry->is(kConnAdopted);
}

template void adopt_by_client(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
template void adopt_by_client(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
template ConnEntry4* adopt_by_reply(const Pass&, const Newcomer<ConnEntry4>&, BackendSlot) noexcept;
template ConnEntry6* adopt_by_reply(const Pass&, const Newcomer<ConnEntry6>&, BackendSlot) noexcept;
template bool is_refuted(const Pass&, const Packet&, ConnEntry4&) noexcept;
template bool is_refuted(const Pass&, const Packet&, ConnEntry6&) noexcept;
template void guess_again(const Pass&, Packet&, ConnEntry4&) noexcept;
template void guess_again(const Pass&, Packet&, ConnEntry6&) noexcept;
template bool is_refuted_before(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
template bool is_refuted_before(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
