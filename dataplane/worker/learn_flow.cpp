// SPDX-License-Identifier: Apache-2.0
#include "dataplane/worker/learn_flow.h"

#include <algorithm>

#include "dataplane/pipeline/connection_end.h"
#include "dataplane/worker/rival.h"

namespace tandem {

namespace {

// A record, and what it is to be laid beside.
template <typename Entry>
struct Lesson {
  const WorkerContext& context;
  const Connections<Entry>& connections;
  const SyncRecord& record;
  TableHash hash;

  Life life() const noexcept { return {record.state, record.seen}; }
  ConnDetail& detail(Entry& entry) const noexcept { return connections.table->detail(entry); }
  Life life_of(Entry& entry) const noexcept { return {entry.state, detail(entry).seen}; }
  const ServiceView& service(ServiceId id) const noexcept { return (*context.generation->services)[index(id)]; }
  GroupId group(Entry& entry) const noexcept { return group_of(context, detail(entry).service); }
  bool owns(ServiceId id) const noexcept { return context.roles.is_active(group_of(context, id)); }
  bool owns(Entry& entry) const noexcept { return owns(detail(entry).service); }
  Entry* find() const noexcept { return connections.table->find(hash, key_of<Entry>(record), Direction::from_client); }
  std::uint32_t heard(const Entry& entry) const noexcept { return heard_seconds(context, connections, entry); }
  bool goes_elsewhere(const Entry& entry) const noexcept {
    return IpAddress{entry.backend} != record.backend || entry.backend_port.host() != record.backend_port;
  }
};

SyncOutcome outcome_of(InsertFailure failure) noexcept {
  return failure == InsertFailure::reply_key_taken ? SyncOutcome::reply_key_taken : SyncOutcome::full;
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

// For so long the other node has not heard it either.
template <typename Entry>
std::uint16_t silent_ticks(const Lesson<Entry>& lesson) noexcept {
  const auto now = static_cast<std::uint32_t>(lesson.context.now.since_start / std::chrono::seconds{1});
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(now - std::min(now, lesson.record.heard_seconds), kMaxIdleTicks));
}

// Its word is no packet: what counts is when it heard one.
template <typename Entry>
void take_silence(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const Tick tick = lesson.connections.expiry->tick();
  const std::uint16_t silent = silent_ticks(lesson);
  if (silent < entry.idle_ticks(tick)) entry.touch(tick - silent);
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
typename ConnTable<Entry>::Inserted insert(const Lesson<Entry>& lesson, ServiceId id, BackendSlot slot) noexcept {
  const SyncRecord& record = lesson.record;
  const Tick tick = lesson.connections.expiry->tick();
  Entry entry = new_entry<Entry>(*lesson.context.generation, key_of<Entry>(record), lesson.service(id), slot);
  entry.state = record.state;
  entry.flags = static_cast<std::uint8_t>(kConnSynced | (record.flags & kConnOnWire));
  entry.touch(tick - silent_ticks(lesson));
  return lesson.connections.table->insert(
      lesson.hash, entry,
      {.created = tick, .order = record.order(), .service = id, .source_port = Be16{record.source_port}, .source_pool = record.pool_index});
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

// Not known here yet.
template <typename Entry>
SyncOutcome admit(const Lesson<Entry>& lesson) noexcept {
  const SyncRecord& record = lesson.record;
  const ServiceId id = lesson.context.generation->index->find_service(record.vip, record.protocol, record.vip_port);
  if (id == kNoService) return SyncOutcome::unknown_service;
  const BackendSlot slot = lesson.service(id).by_address->find({record.backend, record.backend_port});
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

// One order, two backends: both nodes opened it while neither heard the other. Who has shaken hands beats who has not, then
// the owner's word holds.
template <typename Entry>
SyncOutcome settle_conflict(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const bool ours_waits = entry.state == ConnState::half_open, theirs_waits = lesson.record.state == ConnState::half_open;
  const bool ours_stays = ours_waits == theirs_waits ? lesson.owns(entry) : theirs_waits;
  if (!ours_stays) replace(lesson, entry);
  return SyncOutcome::conflict;
}

// Its client came to us since the other node heard it last.
template <typename Entry>
bool is_heard_since(const Lesson<Entry>& lesson, const Entry& entry) noexcept {
  return lesson.heard(entry) > lesson.record.heard_seconds + kSameMomentSeconds;
}

// It went to the other node since.
template <typename Entry>
bool is_heard_there_since(const Lesson<Entry>& lesson, const Entry& entry) noexcept {
  return lesson.record.heard_seconds > lesson.heard(entry) + kSameMomentSeconds;
}

// The sentence of an owner, that nothing heard since, here or there, puts in doubt.
template <typename Entry>
bool is_judged(const Lesson<Entry>& lesson, const Entry& entry) noexcept {
  return (lesson.record.flags & kConnJudged) != 0 && !is_heard_since(lesson, entry) && !is_heard_there_since(lesson, entry);
}

// For how long there has surely been ours. When it was learned says nothing of when it began.
template <typename Entry>
Tick age_of(const Lesson<Entry>& lesson, const Entry& entry, const ConnDetail& detail) noexcept {
  const Tick tick = lesson.connections.expiry->tick();
  return entry.is(kConnSynced) ? entry.idle_ticks(tick) : tick - detail.created;
}

// Made here and there, to two backends, and nobody has said yet whose stands: order alone would let what a node has long lost
// sight of end what is in use. Not what had ended before ours began: that is merely late. A shadow has its owner's word alone. To one
// backend they do not contradict each other, unless ours was heard since: it would fall by the end of the other. A sentence holds; but
// not that of a former owner over what its successor heard since.
template <typename Entry>
bool is_rival(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const ConnDetail& detail = lesson.detail(entry);
  const bool larger = lesson.record.order() > detail.order;
  if (is_judged(lesson, entry)) return false;
  if (entry.is(kConnSynced) && !lesson.owns(entry)) return false;
  if (!lesson.goes_elsewhere(entry)) return larger && is_heard_since(lesson, entry);
  return larger || silent_ticks(lesson) + kSameMomentSeconds < age_of(lesson, entry, detail);
}

template <typename Entry>
bool yields(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const SyncRecord& record = lesson.record;
  const Rival theirs{record.order(), (record.flags & kConnAdopted) != 0, record.state == ConnState::half_open, record.heard_seconds};
  return prevails(theirs, {lesson.detail(entry).order, entry.is(kConnAdopted), entry.state == ConnState::half_open, lesson.heard(entry)});
}

// Told under an order that is later than both.
template <typename Entry>
void renew_order(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  uncount_flow(lesson.context, lesson.connections, entry);  // under the order that it had
  entry.flags = static_cast<std::uint8_t>(entry.flags & ~kConnCounted);
  ConnOrder& order = lesson.detail(entry).order;
  order = order_after(lesson.context, lesson.group(entry), std::max(order, lesson.record.order()));
  note_change(lesson.context, lesson.connections, entry);
}

// The owner's.
template <typename Entry>
void pass_sentence(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  entry.flags |= kConnJudged;
  renew_order(lesson, entry);
}

// Who does not own it, and holds the better one, tells the owner, and waits for the sentence.
template <typename Entry>
SyncOutcome settle_rivals(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const bool owner = lesson.owns(entry), larger = lesson.record.order() > lesson.detail(entry).order;
  if (!yields(lesson, entry)) {
    if (owner) pass_sentence(lesson, entry);
    else note_untold(lesson.context, lesson.connections, entry);
    return SyncOutcome::conflict;
  }
  if (replace(lesson, entry) != SyncOutcome::replaced || !owner || larger) return SyncOutcome::conflict;
  if (Entry* learned = lesson.find()) pass_sentence(lesson, *learned);
  return SyncOutcome::conflict;
}

template <typename Entry>
SyncOutcome merge_with(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  take_life(lesson, entry, merge(lesson.life_of(entry), lesson.life(), entry.protocol, is_one_way(entry.method)));
  shorten_idle(lesson, entry);
  return SyncOutcome::merged;
}

// Its teller believes in it, and did not take ours: an owner says so once more, with a sentence. To one backend it is the same
// connection, which had its order before ours was said: it may have seen more of it.
template <typename Entry>
SyncOutcome ignore_older(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  if (is_judged(lesson, entry) || !lesson.owns(entry)) return SyncOutcome::ignored;
  if (lesson.goes_elsewhere(entry)) return pass_sentence(lesson, entry), SyncOutcome::ignored;
  renew_order(lesson, entry);
  return is_heard_since(lesson, entry) ? SyncOutcome::ignored : merge_with(lesson, entry);
}

// An owner that did not know it has perhaps ended it, and that word is under way: what stands is said under a later order.
template <typename Entry>
SyncOutcome admit_and_answer(const Lesson<Entry>& lesson) noexcept {
  const SyncOutcome outcome = admit(lesson);
  if (outcome != SyncOutcome::inserted) return outcome;
  Entry* const learned = lesson.find();
  if (learned != nullptr && lesson.owns(*learned)) renew_order(lesson, *learned);
  return outcome;
}

// What its bucket's sum covers.
template <typename Entry>
bool is_as_told(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const ConnDetail& detail = lesson.detail(entry);
  return detail.order == lesson.record.order() && !lesson.goes_elsewhere(entry) && detail.source_port.host() == lesson.record.source_port &&
         detail.source_pool == lesson.record.pool_index;
}

// The sums of its bucket differed, and this is how the owner has it: larger or smaller, it replaces what is not the same.
template <typename Entry>
SyncOutcome mend(const Lesson<Entry>& lesson, Entry* entry) noexcept {
  SyncOutcome outcome = SyncOutcome::merged;
  if (entry == nullptr) {
    outcome = admit(lesson);
  } else if (!is_as_told(lesson, *entry)) {
    outcome = replace(lesson, *entry);
  } else {
    const bool waited = entry->state == ConnState::half_open;
    merge_with(lesson, *entry);
    if (waited && entry->state != ConnState::half_open) return SyncOutcome::mended;
  }
  return outcome == SyncOutcome::inserted || outcome == SyncOutcome::replaced ? SyncOutcome::mended : outcome;
}

template <typename Entry>
SyncOutcome put(const Lesson<Entry>& lesson, Entry* entry) noexcept {
  if (lesson.record.mend && (entry == nullptr || !lesson.owns(*entry))) return mend(lesson, entry);
  if (entry == nullptr) return admit_and_answer(lesson);
  const ConnOrder ours = lesson.detail(*entry).order, theirs = lesson.record.order();
  if (theirs != ours && is_rival(lesson, *entry)) return settle_rivals(lesson, *entry);
  if (theirs < ours) return ignore_older(lesson, *entry);
  if (theirs > ours) return replace(lesson, *entry);
  return lesson.goes_elsewhere(*entry) ? settle_conflict(lesson, *entry) : merge_with(lesson, *entry);
}

// An end that is not ours to obey: of a later connection that we never heard of, while ours was made here; or of one whose client
// came to us, who own it, since the other node heard it last.
template <typename Entry>
bool outlives(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  if (lesson.record.order() != lesson.detail(entry).order && !entry.is(kConnSynced)) return true;
  return lesson.owns(entry) && is_heard_since(lesson, entry);
}

// The owner says it again: what it told before it heard of the end may have brought the connection back at the other node.
template <typename Entry>
void confirm_end(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  if (lesson.owns(entry)) lesson.context.flows->ended(lesson.record);
}

template <typename Entry>
SyncOutcome remove(const Lesson<Entry>& lesson, Entry* entry) noexcept {
  if (entry == nullptr || lesson.record.order() < lesson.detail(*entry).order) return SyncOutcome::ignored;
  // What was asked about may have been replaced since.
  if (lesson.record.mend && lesson.record.order() != lesson.detail(*entry).order) return SyncOutcome::ignored;
  if (outlives(lesson, *entry)) {
    note_untold(lesson.context, lesson.connections, *entry);  // the other node is to have it again
    return SyncOutcome::ignored;
  }
  confirm_end(lesson, *entry);
  end_connection(lesson.context, lesson.connections, *entry, RemoveReason::synced);
  return lesson.record.mend ? SyncOutcome::mended : SyncOutcome::removed;
}

// The peer holds this for us. What is not here any more ends there; another connection of the tuple is told by whoever went
// through our table for the same bucket.
template <typename Entry>
SyncOutcome answer(const Lesson<Entry>& lesson, Entry* entry) noexcept {
  SyncRecord gone = lesson.record;
  const ServiceId id = lesson.context.generation->index->find_service(gone.vip, gone.protocol, gone.vip_port);
  if (entry != nullptr || id == kNoService || !lesson.owns(id)) return SyncOutcome::ignored;
  gone.operation = Operation::remove;
  lesson.context.flows->ended(gone);
  return SyncOutcome::ignored;
}

// Who forwarded it for us saw something that we did not.
template <typename Entry>
SyncOutcome report(const Lesson<Entry>& lesson, Entry* entry) noexcept {
  if (entry == nullptr || lesson.record.order() != lesson.detail(*entry).order) return SyncOutcome::ignored;
  const Life ours = lesson.life_of(*entry);
  const Life both = merge(ours, lesson.life(), entry->protocol, is_one_way(entry->method));
  take_silence(lesson, *entry);
  if (both.seen == ours.seen) return SyncOutcome::ignored;
  take_life(lesson, *entry, both);
  if (lesson.owns(*entry)) note_change(lesson.context, lesson.connections, *entry);
  return SyncOutcome::reported;
}

// The entry of a slot's former user says nothing about its present one.
template <typename Entry>
Entry* known(const Lesson<Entry>& lesson) noexcept {
  Entry* entry = lesson.find();
  if (entry == nullptr || entry->belongs_to((*lesson.context.generation->backends)[index(entry->backend_slot)])) return entry;
  end_connection(lesson.context, lesson.connections, *entry, RemoveReason::backend_gone);
  return nullptr;
}

}  // namespace

template <typename Entry>
SyncOutcome learn(const WorkerContext& context, const Connections<Entry>& connections, const SyncRecord& record, TableHash hash) noexcept {
  const Lesson<Entry> lesson{context, connections, record, hash};
  Entry* const entry = known(lesson);
  if (record.operation == Operation::remove) return remove(lesson, entry);
  if (record.operation == Operation::ask) return answer(lesson, entry);
  if (!is_state_of(record.state, record.protocol)) return SyncOutcome::ignored;
  if (record.operation == Operation::put) return put(lesson, entry);
  return record.operation == Operation::report ? report(lesson, entry) : SyncOutcome::ignored;
}

template SyncOutcome learn(const WorkerContext&, const Connections<ConnEntry4>&, const SyncRecord&, TableHash) noexcept;
template SyncOutcome learn(const WorkerContext&, const Connections<ConnEntry6>&, const SyncRecord&, TableHash) noexcept;

}  // namespace tandem
