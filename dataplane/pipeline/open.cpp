// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/open.h"

#include "dataplane/pipeline/backend_choice.h"
#include "dataplane/pipeline/connection_end.h"
#include "dataplane/pipeline/new_entry.h"
#include "dataplane/pipeline/send_from_client.h"

namespace tandem {

namespace {

// How many other backends are tried when a client's port is taken at the chosen one by its connection to another VIP.
constexpr std::size_t kReplyKeyTries = 16;

template <typename Entry>
bool is_tcp(const Newcomer<Entry>& newcomer) noexcept {
  return newcomer.key.client.protocol == Protocol::tcp;
}

void count_failure(const Pass& pass, InsertFailure failure) noexcept {
  pass.counters().insert_failures[static_cast<std::size_t>(failure)].add();
}

void count_orphan(const Pass& pass, OrphanDecision decision) noexcept { pass.counters().orphans[static_cast<std::size_t>(decision)].add(); }

template <typename Entry>
Choice first_choice(const Pass& pass, const Newcomer<Entry>& newcomer, Opening opening) noexcept {
  const ServiceView& lender = *newcomer.lender;
  if (opening == Opening::adopted) return first_live_candidate(*lender.schedule, *lender.live, newcomer.schedule_hash);
  return choose_backend(pass, lender, newcomer.schedule_hash);
}

// What the service's own schedule would choose again is not an exception; a backend that was lent is not in it.
template <typename Entry>
std::uint8_t first_flags(const Newcomer<Entry>& newcomer, const Choice& choice, Opening opening) noexcept {
  const bool exception = choice.exception || newcomer.is_lent();
  return static_cast<std::uint8_t>((exception ? kConnException : 0) | (opening == Opening::adopted ? kConnAdopted : 0));
}

// The peer's go last: we hold them for the day it cannot.
template <typename Entry>
Entry* find_victim(const Pass& pass, ConnTable<Entry>& table) noexcept {
  if (pass.context.flows == nullptr) return table.find_victim();
  return table.find_victim(
      [&](Entry& entry) { return pass.context.roles.is_on_peer(group_of(pass.context, table.detail(entry).service)); });
}

// Room for one more. A flood of SYNs holds at most a quarter of the table; what is met in mid-flow is past its handshake.
template <typename Entry>
InsertFailure make_room(const Pass& pass, const Newcomer<Entry>& newcomer, Opening opening) noexcept {
  ConnTable<Entry>& table = *pass.connections<Entry>().table;
  if (is_tcp(newcomer) && opening == Opening::fresh && table.count(ConnState::half_open) >= table.half_open_quota())
    return InsertFailure::half_open_quota;
  if (!table.full()) return InsertFailure::count_;
  Entry* victim = find_victim(pass, table);
  if (victim == nullptr) return InsertFailure::table_full;
  end_connection(pass.context, pass.connections<Entry>(), *victim, RemoveReason::evicted);
  return InsertFailure::count_;
}

template <typename Entry>
Life first_life(const Newcomer<Entry>& newcomer) noexcept {
  return is_tcp(newcomer) ? begin_tcp(Direction::from_client, newcomer.packet->l4_flags) : begin_udp();
}

// A full-nat entry without a port is none.
template <typename Entry>
typename ConnTable<Entry>::Inserted with_port(const Pass& pass, const Newcomer<Entry>& newcomer, Entry& entry) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  const Family family = pass.backend_views[index(entry.backend_slot)].address.family;
  const auto own = take_port(pass.context, pools_of(*newcomer.service, family), entry.protocol, newcomer.packet->flow_hash,
                             {family_of<Entry>(), connections.table->handle(entry)});
  if (own) {
    adopt_port(pass.context, connections, entry, *own);
    if (is_tcp(newcomer)) owe_address(pass, *newcomer.packet, entry, newcomer.service->client_address);
    return {.entry = &entry};
  }
  connections.table->erase(entry);
  return {.failure = InsertFailure::pool_exhausted};
}

template <typename Entry>
typename ConnTable<Entry>::Inserted insert_at(const Pass& pass, const Newcomer<Entry>& newcomer, const Choice& choice,
                                              Opening opening) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  const BackendSlot slot = newcomer.lender->members[choice.member];
  Entry entry = new_entry<Entry>(pass.generation, newcomer.key, *newcomer.service, slot);
  entry.state = first_life(newcomer).state;
  entry.flags = first_flags(newcomer, choice, opening);
  ConnDetail detail;
  detail.created = connections.expiry->tick();
  detail.service = newcomer.id;
  detail.order = order_of_new(pass.context, newcomer.service->group);
  entry.touch(detail.created);
  const auto inserted = connections.table->insert(newcomer.packet->flow_hash, entry, detail);
  if (entry.method != ForwardingMethod::full_nat || inserted.entry == nullptr || inserted.existed) return inserted;
  return with_port(pass, newcomer, *inserted.entry);
}

template <typename Entry>
void count_opened(const Pass& pass, const Newcomer<Entry>& newcomer, const Entry& entry, Opening opening) noexcept {
  BackendCounters& backend = pass.backend(entry.backend_slot);
  pass.counters().inserts_local.add();
  backend.opened_entries.add();
  if (entry.is(kConnException)) backend.exceptions.add();
  if (opening == Opening::adopted) return count_orphan(pass, OrphanDecision::adopted_first_candidate);
  backend.new_connections.add();
  if (newcomer.is_lent()) backend.lent_connections.add();
}

// Null with `failure` told when there is no entry; no_backend when every backend that was tried has the client's port taken:
// forwarding would mix two connections' replies.
template <typename Entry>
typename ConnTable<Entry>::Inserted insert(const Pass& pass, const Newcomer<Entry>& newcomer, Choice choice, Opening opening) noexcept {
  typename ConnTable<Entry>::Inserted inserted = insert_at(pass, newcomer, choice, opening);
  const ServiceView& lender = *newcomer.lender;
  const std::size_t tries = std::min(kReplyKeyTries, lender.live->count());
  for (std::size_t i = 0; inserted.failure == InsertFailure::reply_key_taken && i < tries; ++i) {
    count_failure(pass, inserted.failure);
    choice = another_backend(lender, newcomer.schedule_hash, choice.member, i);
    inserted = insert_at(pass, newcomer, choice, opening);
    if (inserted.entry != nullptr) count(*lender.schedule, *lender.turns, *lender.live, choice);
  }
  if (inserted.entry == nullptr) count_failure(pass, inserted.failure);
  return inserted;
}

}  // namespace

template <typename Entry>
void forward_untracked(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept {
  if (newcomer.service->method == ForwardingMethod::full_nat) return pass.batch.drop(*newcomer.packet, DropReason::needs_entry);
  const ServiceView& lender = *newcomer.lender;
  const Choice choice = first_live_candidate(*lender.schedule, *lender.live, newcomer.schedule_hash);
  if (!choice) return pass.batch.drop(*newcomer.packet, DropReason::no_backend);
  count_orphan(pass, OrphanDecision::forwarded_untracked);
  const Entry passing = new_entry<Entry>(pass.generation, newcomer.key, *newcomer.service, lender.members[choice.member]);
  send_from_client(pass, *newcomer.packet, passing);
}

template <typename Entry>
void open_connection(const Pass& pass, const Newcomer<Entry>& newcomer, Opening opening) noexcept {
  if (const InsertFailure failure = make_room(pass, newcomer, opening); failure != InsertFailure::count_) {
    count_failure(pass, failure);
    return forward_untracked(pass, newcomer);
  }
  const Choice choice = first_choice(pass, newcomer, opening);
  if (!choice) return pass.batch.drop(*newcomer.packet, DropReason::no_backend);
  const auto inserted = insert(pass, newcomer, choice, opening);
  if (inserted.failure == InsertFailure::reply_key_taken) return pass.batch.drop(*newcomer.packet, DropReason::no_backend);
  if (inserted.failure == InsertFailure::pool_exhausted) return pass.batch.drop(*newcomer.packet, DropReason::pool_exhausted);
  if (inserted.entry == nullptr) return forward_untracked(pass, newcomer);
  const Connections<Entry>& connections = pass.connections<Entry>();
  enter(*connections.table, *connections.expiry, *inserted.entry, first_life(newcomer), newcomer.service->timeouts);
  note_change(pass.context, connections, *inserted.entry);
  count_opened(pass, newcomer, *inserted.entry, opening);
  send_from_client(pass, *newcomer.packet, *inserted.entry);
}

template void open_connection(const Pass&, const Newcomer<ConnEntry4>&, Opening) noexcept;
template void open_connection(const Pass&, const Newcomer<ConnEntry6>&, Opening) noexcept;
template void forward_untracked(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
template void forward_untracked(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
