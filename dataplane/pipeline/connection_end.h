// SPDX-License-Identifier: Apache-2.0
// How a connection's changes and its end are counted, wherever they happen: in the pipeline, in the worker's expiry sweep.
#pragma once

#include "dataplane/conn/life.h"
#include "dataplane/pipeline/note_flow.h"
#include "dataplane/pipeline/pool_port.h"

namespace tandem {

// A guess began without a SYN. Where replies do not pass us nobody is seen to answer: there it is the client that never went on.
template <typename Entry>
bool was_answered(const ConnDetail& detail, const Entry& entry) noexcept {
  return entry.is(kConnAdopted) || (detail.seen & kSeenSynBackend) != 0;
}

// Counts the entry out and erases it. The worker calls it from Expiry::sweep with RemoveReason::expired.
template <typename Entry>
void end_connection(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, RemoveReason reason) noexcept {
  BackendCounters& backend = context.backends[index(entry.backend_slot)];
  context.counters->removed[static_cast<std::size_t>(reason)].add();
  backend.removed_entries.add();
  if (is_closed(entry.state)) backend.reopened_or_ended.add();
  if (reason == RemoveReason::expired) {
    if (entry.state == ConnState::half_open) backend.unanswered_syns.add(was_answered(connections.table->detail(entry), entry) ? 0 : 1);
    else if (!is_closed(entry.state)) backend.closed_expired.add();
  }
  note_end(context, connections, entry, reason);
  uncount_flow(context, connections, entry);
  release_port(context, entry);
  connections.table->erase(entry);
}

// How many of the backend's entries are closed, when one's state has changed.
inline void count_closing(BackendCounters& backend, bool was_closed, ConnState state) noexcept {
  if (is_closed(state) != was_closed) (was_closed ? backend.reopened_or_ended : backend.closed_entries).add();
}

// How the backend takes a connection that begins: what passive health goes by. `seen`: before this packet.
template <typename Entry>
void count_opening(BackendCounters& backend, const Entry& entry, ConnState before, std::uint8_t seen, std::uint8_t tcp_flags) noexcept {
  if (before != ConnState::half_open || entry.is(kConnAdopted) || (seen & kSeenSynBackend) != 0) return;
  if (entry.state == ConnState::reset) backend.refused.add();
  else if ((tcp_flags & kTcpSyn) != 0) backend.answered.add();
}

// One packet of a known connection: last seen, state, and how it closed if this packet closed it.
template <typename Entry>
void observe_packet(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, Direction direction,
                    std::uint8_t tcp_flags) noexcept {
  const auto timeouts = [&](ServiceId service) -> const Timeouts& { return (*context.generation->services)[index(service)].timeouts; };
  const ConnState before = entry.state;
  const bool was_closed = is_closed(before);
  const std::uint8_t seen = before == ConnState::half_open ? connections.table->detail(entry).seen : 0;
  const Change change = observe(*connections.table, *connections.expiry, entry, direction, tcp_flags, timeouts);
  if (change == Change::nothing) return;
  note_change(context, connections, entry);
  BackendCounters& backend = context.backends[index(entry.backend_slot)];
  if (direction == Direction::from_backend) count_opening(backend, entry, before, seen, tcp_flags);
  if (change != Change::state) return;
  count_closing(backend, was_closed, entry.state);
  if (entry.state == ConnState::time_wait) backend.closed_finished.add();
  if (entry.state == ConnState::reset) backend.closed_reset.add();
}

}  // namespace tandem
