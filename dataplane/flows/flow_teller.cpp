// SPDX-License-Identifier: Apache-2.0
#include "dataplane/flows/flow_teller.h"

#include <algorithm>

#include "dataplane/flows/flow_learner.h"
#include "dataplane/pipeline/note_flow.h"

namespace tandem {

namespace {

// Calls visit(connections, entry) for the entry at a place, in whichever table; not at all when nobody lives there any more.
template <typename Visit>
void at(const WorkerContext& context, ConnHandle handle, Family family, Visit&& visit) noexcept {
  const auto show = [&](const auto& connections) {
    if (auto* entry = connections.table->at(handle); entry != nullptr) visit(connections, *entry);
  };
  if (family == Family::ipv4) show(context.connections4);
  else show(context.connections6);
}

template <typename Entry>
void clear_dirty(Entry& entry) noexcept {
  entry.flags = static_cast<std::uint8_t>(entry.flags & ~kConnDirty);
}

}  // namespace

bool FlowTeller::turn(const WorkerContext& context) noexcept {
  if (!log_.listening()) return forget(context);
  bool busy = look_again(context);
  busy |= tell_ended();
  busy |= tell_changed(context);
  busy |= tell_all(context);
  wake_thread(context.now);
  return busy;
}

void FlowTeller::wake_thread(Instant now) noexcept {
  const std::size_t waiting = desk_.told.size();
  if (waiting == 0 || (waiting < desk_.told.capacity() / 2 && now - woken_ < kGather)) return;
  woken_ = now;
  bell_.ring();
}

std::optional<Nanoseconds> FlowTeller::patience(Instant now) const noexcept {
  if (desk_.told.size() == 0) return std::nullopt;
  return std::max<Nanoseconds>(woken_ + kGather - now, Nanoseconds{0});
}

// Nobody listens any more: notes would keep their entries from being noted again once somebody does.
bool FlowTeller::forget(const WorkerContext& context) noexcept {
  bulk_ = desk_.bulks.load(std::memory_order_relaxed), bulk_done_ = true;
  std::size_t forgotten = 0;
  SyncRecord record;
  for (; forgotten < kSlice && log_.next_ended(record); ++forgotten) continue;
  for (FlowLog::Place place; forgotten < kSlice && log_.next_changed(place); ++forgotten)
    at(context, place.handle, place.family, [](const auto&, auto& entry) { clear_dirty(entry); });
  return forgotten != 0;
}

bool FlowTeller::look_again(const WorkerContext& context) noexcept {
  std::size_t looked = 0;
  for (FlowPlace place; looked < kSlice && desk_.doubted.pop(place); ++looked)
    at(context, place.handle, place.family, [&](const auto& connections, auto& entry) {
      if (connections.table->detail(entry).order == place.order) note_untold(context, connections, entry);
    });
  return looked != 0;
}

bool FlowTeller::tell_ended() noexcept {
  std::size_t told = 0;
  const std::size_t most = slice();
  for (SyncRecord record; told < most && log_.next_ended(record); ++told) push(record);
  return told != 0;
}

bool FlowTeller::tell_changed(const WorkerContext& context) noexcept {
  std::size_t told = 0;
  const std::size_t most = slice();
  for (FlowLog::Place place; told < most && log_.next_changed(place); ++told)
    at(context, place.handle, place.family, [&](const auto& connections, auto& entry) {
      if (entry.is(kConnDirty)) tell(context, connections, entry);  // else the place has a new tenant, or it was told meanwhile
    });
  return told != 0;
}

template <typename Entry>
void FlowTeller::tell(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  clear_dirty(entry);
  const GroupId group = group_of(context, connections.table->detail(entry).service);
  if (group == kNoGroup) return;
  const Operation operation = context.roles.is_active(group) || !peer_may_have(entry) ? Operation::put : Operation::report;
  if (operation == Operation::put) entry.flags |= kConnTold;
  recount_flow(context, connections, entry);
  push(record_of(*context.generation, *connections.table, entry, operation, group, heard_seconds(context, connections, entry)));
}

bool FlowTeller::tell_all(const WorkerContext& context) noexcept {
  const std::uint32_t wanted = desk_.bulks.load(std::memory_order_acquire);
  unlearned_ -= std::min(unlearned_, FlowLearner::kSlice);  // the learner had its turn
  if (wanted != bulk_) bulk_ = wanted, bulk_done_ = false, next4_ = next6_ = 0, unlearned_ = desk_.heard.size();
  if (bulk_done_ || room() < kBulkSlice) return false;
  if (unlearned_ != 0) return true;
  bulk_done_ = !walk_slice(context);
  if (bulk_done_) push({.operation = Operation::bulk_end, .bulk = true});
  return true;
}

bool FlowTeller::walk_slice(const WorkerContext& context) noexcept {
  if (next4_ < context.connections4.table->slots()) next4_ = walk(context, context.connections4, next4_);
  else if (next6_ < context.connections6.table->slots()) next6_ = walk(context, context.connections6, next6_);
  else return false;
  return true;
}

template <typename Entry>
std::size_t FlowTeller::walk(const WorkerContext& context, const Connections<Entry>& connections, std::size_t from) noexcept {
  return connections.table->walk(from, kBulkSlice, [&](Entry& entry) {
    const GroupId group = group_of(context, connections.table->detail(entry).service);
    if (group == kNoGroup) return;  // shadows too: an owner that started anew may have none of them
    if (log_.peer_is_full() && is_derivable(entry) && !peer_may_have(entry)) return;
    clear_dirty(entry);
    entry.flags |= kConnTold;
    recount_flow(context, connections, entry);
    SyncRecord record =
        record_of(*context.generation, *connections.table, entry, Operation::put, group, heard_seconds(context, connections, entry));
    record.bulk = true;
    push(record);
  });
}

void FlowTeller::push(const SyncRecord& record) noexcept {
  const bool pushed = desk_.told.push(record);
  ensure(pushed);
  counters_.sync_told.add();
}

}  // namespace tandem
