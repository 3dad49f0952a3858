// SPDX-License-Identifier: Apache-2.0
// Gives a connection its backend and its entry. Threads: the worker's own.
#pragma once

#include "dataplane/pipeline/newcomer.h"

namespace tandem {

// A new one by the scheduler's pick, with an entry. Without: to its first live candidate, when the table has no room, and, of a SYN, while
// there is a flood of them (conn/flood_mode.h) and its answer finds the client all the same.
template <typename Entry>
void open_connection(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

// One whose client has come from elsewhere, by its QUIC connection id; without room for an entry to the same backend.
template <typename Entry>
void open_named(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

extern template void open_connection(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void open_connection(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
extern template void open_named(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void open_named(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
