// SPDX-License-Identifier: Apache-2.0
// One slice of the sweep that ends denied clients' connections. Their next packets are strangers', and are dropped by name; neither
// end is told. False: there was nothing to do.
#pragma once

#include "dataplane/guard/deny_sweep.h"
#include "dataplane/pipeline/connection_end.h"

namespace tandem {

inline bool end_denied(const WorkerContext& context, DenySweep& sweep) noexcept {
  return sweep.turn(*context.generation, *context.connections4.table, *context.connections6.table, [&](auto& entry) {
    if constexpr (std::is_same_v<decltype(entry), ConnEntry4&>) end_connection(context, context.connections4, entry, RemoveReason::denied);
    else end_connection(context, context.connections6, entry, RemoveReason::denied);
  });
}

}  // namespace tandem
