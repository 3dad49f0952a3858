// SPDX-License-Identifier: Apache-2.0
#include "dataplane/flows/flow_census.h"

#include <algorithm>

#include "dataplane/flows/walk_tables.h"
#include "dataplane/pipeline/count_flow.h"

namespace tandem {

void FlowCensus::turn(const WorkerContext& context) noexcept {
  if (!sums_.on()) return;
  if (sums_.clear_slice()) {
    began_ = context.now;
    return;
  }
  const std::size_t slots = all_slots(context), from = sums_.passed(), wanted = due(slots, context.now);
  if (wanted <= from) return;
  const auto visit = [&](const auto& connections, auto& entry) { meet(context, connections, entry); };
  sums_.pass(walk_tables(context, from, std::min(kSlice, wanted - from), visit));
  if (sums_.passed() == slots) sums_.finish();
}

std::size_t FlowCensus::due(std::size_t slots, Instant now) const noexcept {
  const std::chrono::nanoseconds round = std::max(kRound, static_cast<std::int64_t>(slots) * kPerSlot), past = now - began_;
  if (past >= round) return slots;
  return static_cast<std::size_t>(static_cast<double>(slots) * static_cast<double>(past.count()) / static_cast<double>(round.count()));
}

// What waits to be told counts as it was told last.
template <typename Entry>
void FlowCensus::meet(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept {
  if (!entry.is(kConnDirty)) recount_flow(context, connections, entry);
  if (!entry.is(kConnCounted)) return;
  const std::optional<FlowSide> side = side_of(context, connections, entry);
  if (!side) return;
  const FlowCount count = count_of(context, *side, entry, connections.table->detail(entry));
  sums_.meet(count.sum_index, count.value);
}

}  // namespace tandem
