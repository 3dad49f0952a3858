// SPDX-License-Identifier: Apache-2.0
#include "dataplane/flows/flow_mender.h"

#include "dataplane/flows/walk_tables.h"
#include "dataplane/lb/owner.h"
#include "dataplane/pipeline/connection_end.h"

namespace tandem {

namespace {

// It is this worker's, and a look-up leads to it. If not, its tuple was damaged: no packet and no record will ever meet it.
template <typename Entry>
bool is_found(const WorkerContext& context, const Connections<Entry>& connections, const Entry& entry) noexcept {
  const auto key = entry.client_key();
  const TableHash hash = (*context.hasher)(key.client);
  return owner_of(static_cast<std::uint32_t>(hash >> 32), context.generation->owners) == context.self &&
         connections.table->find(hash, key, Direction::from_client) == &entry;
}

}  // namespace

bool FlowMender::turn(const WorkerContext& context) noexcept {
  const std::uint32_t given = desk_.mend.given();
  if (given != order_) order_ = given, done_ = false, next_ = 0;
  if (done_ || desk_.told.capacity() - desk_.told.size() < kSlice) return false;
  done_ = !context.flows->sums().on() || next_ == all_slots(context);
  if (done_) desk_.mend.done(order_);
  else next_ = walk_tables(context, next_, kSlice, [&](const auto& connections, auto& entry) { visit(context, connections, entry); });
  return true;
}

template <typename Entry>
void FlowMender::visit(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (!entry.is(kConnCounted)) return;
  const std::optional<FlowSide> side = side_of(context, connections, entry);
  const ConnDetail& detail = connections.table->detail(entry);
  if (!side || !desk_.mend.has(count_of(context, *side, entry, detail).sum_index)) return;
  if (*side == FlowSide::own) return say(context, connections, entry, Operation::put, group_of(context, detail.service));
  if (is_found(context, connections, entry)) return say(context, connections, entry, Operation::ask, group_of(context, detail.service));
  end_connection(context, connections, entry, RemoveReason::synced);
  counters_.sync_applied[static_cast<std::size_t>(SyncOutcome::mended)].add();
}

template <typename Entry>
void FlowMender::say(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, Operation operation,
                     GroupId group) noexcept {
  SyncRecord record =
      record_of(*context.generation, *connections.table, entry, operation, group, heard_seconds(context, connections, entry));
  record.mend = true;
  const bool pushed = desk_.told.push(record);
  ensure(pushed);
  counters_.sync_told.add();
}

}  // namespace tandem
