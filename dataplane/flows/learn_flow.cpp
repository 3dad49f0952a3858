// SPDX-License-Identifier: Apache-2.0
#include "dataplane/flows/learn_flow.h"

#include "dataplane/flows/judge_rivals.h"

namespace tandem {

namespace {

// What its bucket's sum covers.
template <typename Entry>
bool is_as_told(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  return lesson.detail(entry).order == lesson.record.order() && !lesson.goes_elsewhere(entry);
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
// came to us since the other node heard it last, if we own it or did not take what its owner has in its place.
template <typename Entry>
bool outlives(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  if (lesson.record.order() != lesson.detail(entry).order && !entry.is(kConnSynced)) return true;
  return (lesson.owns(entry) || entry.is(kConnDisputed)) && is_heard_since(lesson, entry);
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
  take_told(lesson, *entry);
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
