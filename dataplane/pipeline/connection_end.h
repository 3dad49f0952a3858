// SPDX-License-Identifier: Apache-2.0
// How a connection's changes and its end are counted, wherever they happen: in the pipeline, in the worker's expiry sweep.
#pragma once

#include "dataplane/conn/life.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

// Counts the entry out and erases it. The worker calls it from Expiry::sweep with RemoveReason::expired.
template <typename Entry>
void end_connection(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, RemoveReason reason) noexcept {
  BackendCounters& backend = context.backends[index(entry.backend_slot)];
  context.counters->removed[static_cast<std::size_t>(reason)].add();
  backend.removed_entries.add();
  if (is_closed(entry.state)) backend.reopened_or_ended.add();
  if (reason == RemoveReason::expired) {
    if (entry.state == ConnState::half_open) backend.unanswered_syns.add();
    else if (!is_closed(entry.state)) backend.closed_expired.add();
  }
  connections.table->erase(entry);
}

// One packet of a known connection: last seen, state, and how it closed if this packet closed it.
template <typename Entry>
void observe_packet(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, Direction direction,
                    std::uint8_t tcp_flags) noexcept {
  const auto timeouts = [&](ServiceId service) -> const Timeouts& { return (*context.generation->services)[index(service)].timeouts; };
  const bool was_closed = is_closed(entry.state);
  if (!observe(*connections.table, *connections.expiry, entry, direction, tcp_flags, timeouts)) return;
  BackendCounters& backend = context.backends[index(entry.backend_slot)];
  if (is_closed(entry.state) != was_closed) (was_closed ? backend.reopened_or_ended : backend.closed_entries).add();
  if (entry.state == ConnState::time_wait) backend.closed_finished.add();
  if (entry.state == ConnState::reset) backend.closed_reset.add();
}

}  // namespace tandem
