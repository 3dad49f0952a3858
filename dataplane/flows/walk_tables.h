// SPDX-License-Identifier: Apache-2.0
// One walk over a worker's two tables, in slices: IPv4's slots, then IPv6's. Threads: the owning worker alone.
#pragma once

#include "dataplane/pipeline/context.h"

namespace tandem {

inline std::size_t all_slots(const WorkerContext& context) noexcept {
  return context.connections4.table->slots() + context.connections6.table->slots();
}

// Calls visit(connections, entry) for those in the next `count` slots, of one table at most. Returns where to go on; all_slots()
// is the end. The visitor may erase what it is shown.
template <typename Visit>
std::size_t walk_tables(const WorkerContext& context, std::size_t from, std::size_t count, Visit&& visit) noexcept {
  const auto slice = [&](const auto& connections, std::size_t first) {
    return connections.table->walk(first, count, [&](auto& entry) { visit(connections, entry); });
  };
  const std::size_t slots4 = context.connections4.table->slots();
  return from < slots4 ? slice(context.connections4, from) : slots4 + slice(context.connections6, from - slots4);
}

}  // namespace tandem
