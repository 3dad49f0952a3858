// SPDX-License-Identifier: Apache-2.0
// Both nodes have a connection of one client, and say different things of it: docs/design/pair-sync.md, After a split. Who owns the group
// has the last word, under an order that is later than both. Threads: the owning worker alone.
#pragma once

#include "dataplane/flows/admit_flow.h"

namespace tandem {

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

template <typename Entry>
void dispute(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  entry.flags |= kConnDisputed;
  note_untold(lesson.context, lesson.connections, entry);
}

// Who does not own it, and holds the better one, tells the owner, and waits for the sentence.
template <typename Entry>
SyncOutcome settle_rivals(const Lesson<Entry>& lesson, Entry& entry) noexcept {
  const bool owner = lesson.owns(entry), larger = lesson.record.order() > lesson.detail(entry).order;
  if (!yields(lesson, entry)) {
    if (owner) pass_sentence(lesson, entry);
    else dispute(lesson, entry);
    return SyncOutcome::conflict;
  }
  if (replace(lesson, entry) != SyncOutcome::replaced || !owner || larger) return SyncOutcome::conflict;
  if (Entry* learned = lesson.find()) pass_sentence(lesson, *learned);
  return SyncOutcome::conflict;
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

}  // namespace tandem
