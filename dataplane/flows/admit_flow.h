// SPDX-License-Identifier: Apache-2.0
// A connection that the peer tells of comes into the table, in the place of an outdated one, or together with what is there.
// Threads: the owning worker alone.
#pragma once

#include "dataplane/flows/lesson.h"

namespace tandem {

inline SyncOutcome outcome_of(InsertFailure failure) noexcept {
  return failure == InsertFailure::reply_key_taken ? SyncOutcome::reply_key_taken : SyncOutcome::full;
}

// What is still owed is owed by whoever serves it.
template <typename Entry>
void take_telling(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  ConnDetail& detail = lesson.detail(entry);
  detail.tells = tells_of(lesson.record.flags), detail.first_byte = lesson.record.first_byte;
  entry.set_owes_address((lesson.record.flags & kRecordOwesAddress) != 0 && detail.tells != ClientAddress::none);
}

// Once either node saw that the backend knows, it knows.
template <typename Entry>
void take_told(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  if (lesson.detail(entry).tells != ClientAddress::none && (lesson.record.flags & kRecordOwesAddress) == 0) entry.set_owes_address(false);
}

// Its backend knows it by this port alone.
template <typename Entry>
typename ConnTable<Entry>::Inserted with_port_of_peer(const Lesson<Entry>& lesson, const ServiceView& service, Entry& entry) noexcept {
  const SyncRecord& record = lesson.record;
  const auto own = claim_port(lesson.context, pools_of(service, record.backend.family), record.protocol, record.pool_index,
                              record.source_port, {family_of<Entry>(), lesson.connections.table->handle(entry)});
  if (own) {
    adopt_port(lesson.context, lesson.connections, entry, *own);
    take_telling(lesson, entry);
    return {.entry = &entry};
  }
  lesson.connections.table->erase(entry);
  return {.failure = InsertFailure::reply_key_taken};
}

// Met in mid-flow by the other node, and its backend has not answered since.
inline bool is_still_a_guess(const SyncRecord& record) noexcept {
  return (record.flags & kConnAdopted) != 0 && (record.seen & kSeenAckBackend) == 0;
}

template <typename Entry>
typename ConnTable<Entry>::Inserted insert(const Lesson<Entry>& lesson, ServiceId id, BackendSlot slot) noexcept {
  const SyncRecord& record = lesson.record;
  const Tick tick = lesson.connections.expiry->tick();
  Entry entry = new_entry<Entry>(*lesson.context.generation, key_of<Entry>(record), lesson.service(id), slot);
  entry.state = record.state;
  entry.flags = static_cast<std::uint8_t>(kConnSynced | (record.flags & kConnOnWire));
  entry.touch(tick - silent_ticks(lesson));
  ConnDetail detail{.created = tick, .order = record.order(), .service = id};
  detail.guesses = is_still_a_guess(record) ? 1 : 0;  // should it be ours one day, the next suspect may have it
  const auto inserted = lesson.connections.table->insert(lesson.hash, entry, detail);
  if (entry.method != ForwardingMethod::full_nat || inserted.entry == nullptr) return inserted;
  return with_port_of_peer(lesson, lesson.service(id), *inserted.entry);
}

// Half of what may be half-open is kept for our own: a flood at the peer is not to keep our clients from being tracked.
template <typename Entry>
bool may_wait_here(const Lesson<Entry>& lesson) noexcept {
  const ConnTable<Entry>& table = *lesson.connections.table;
  return lesson.record.state != ConnState::half_open || table.count(ConnState::half_open) < table.half_open_quota() / 2;
}

// Only the peer knows of this one; of those that it told us before, the schedule would choose many again.
template <typename Entry>
bool make_room(const Lesson<Entry>& lesson) noexcept {
  if ((lesson.record.flags & kConnException) == 0 && lesson.record.source_port == 0) return false;
  const auto is_own = [&](Entry& entry) { return lesson.owns(entry); };
  Entry* const victim = lesson.connections.table->find_victim(is_own);
  if (victim == nullptr || is_own(*victim)) return false;
  end_connection(lesson.context, lesson.connections, *victim, RemoveReason::evicted);
  return true;
}

// In one state the smaller idle time holds; 0 is none said.
template <typename Entry>
void shorten_idle(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const std::uint16_t said = lesson.record.idle_timeout_seconds;
  std::uint16_t& idle = lesson.detail(entry).idle_timeout;
  if (said == 0 || said >= idle || lesson.record.state != entry.state) return;
  idle = said;
  lesson.connections.expiry->arm(lesson.connections.table->handle(entry), idle);
}

// Its service's own, or one that the fallback lent.
template <typename Entry>
BackendSlot backend_of(const Lesson<Entry>& lesson, const ServiceView& service) noexcept {
  const Endpoint at{lesson.record.backend, lesson.record.backend_port};
  const BackendSlot own = service.by_address->find(at);
  if (own != kNoBackend || service.fallback == kNoService) return own;
  return lesson.service(service.fallback).by_address->find(at);
}

// Not known here yet.
template <typename Entry>
SyncOutcome admit(const Lesson<Entry>& lesson) noexcept {
  const SyncRecord& record = lesson.record;
  const ServiceId id = lesson.context.generation->index->find_service(record.vip, record.protocol, record.vip_port);
  if (id == kNoService) return SyncOutcome::unknown_service;
  const BackendSlot slot = backend_of(lesson, lesson.service(id));
  if (slot == kNoBackend) return SyncOutcome::unknown_backend;
  if (lesson.connections.table->full() && !(may_wait_here(lesson) && make_room(lesson))) return SyncOutcome::full;
  if (!may_wait_here(lesson)) return SyncOutcome::half_open_quota;
  const auto inserted = insert(lesson, id, slot);
  if (inserted.entry == nullptr) return outcome_of(inserted.failure);
  enter(*lesson.connections.table, *lesson.connections.expiry, *inserted.entry, lesson.life(), lesson.service(id).timeouts);
  shorten_idle(lesson, *inserted.entry);
  recount_flow(lesson.context, lesson.connections, *inserted.entry);
  BackendCounters& backend = lesson.context.backends[index(slot)];
  lesson.context.counters->inserts_sync.add();
  backend.opened_entries.add();
  count_closing(backend, false, record.state);
  return SyncOutcome::inserted;
}

// What is outdated goes in any case.
template <typename Entry>
SyncOutcome replace(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  end_connection(lesson.context, lesson.connections, entry, RemoveReason::synced);
  const SyncOutcome outcome = admit(lesson);
  return outcome == SyncOutcome::inserted ? SyncOutcome::replaced : outcome;
}

template <typename Entry>
void take_life(const Lesson<Entry>& lesson, Entry& entry, Life life) noexcept {
  const bool was_closed = is_closed(entry.state);
  if (life.state == entry.state) lesson.detail(entry).seen = life.seen;
  else enter(*lesson.connections.table, *lesson.connections.expiry, entry, life, lesson.service(lesson.detail(entry).service).timeouts);
  count_closing(lesson.context.backends[index(entry.backend_slot)], was_closed, entry.state);
  take_silence(lesson, entry);
  recount_flow(lesson.context, lesson.connections, entry);
}

template <typename Entry>
SyncOutcome merge_with(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  entry.flags = static_cast<std::uint8_t>(entry.flags & ~kConnDisputed);
  take_told(lesson, entry);
  take_life(lesson, entry, merge(lesson.life_of(entry), lesson.life(), entry.protocol, is_one_way(entry.method)));
  shorten_idle(lesson, entry);
  return SyncOutcome::merged;
}

}  // namespace tandem
