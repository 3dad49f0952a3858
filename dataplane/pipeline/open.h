// SPDX-License-Identifier: Apache-2.0
// Gives a new connection its backend and its entry.
#pragma once

#include "dataplane/pipeline/newcomer.h"

namespace tandem {

// By the scheduler's pick, with an entry. Without: to its first live candidate, when the table has no room, and, of a SYN, while there is
// a flood of them (conn/flood_mode.h) and its answer finds the client all the same.
template <typename Entry>
void open_connection(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

// Forwards without leaving a trace: a stray RST or SYN+ACK must not fill the table. What may open a connection goes to whoever takes new
// ones; else to whom it most likely belongs.
template <typename Entry>
void forward_untracked(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

extern template void open_connection(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void open_connection(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
extern template void forward_untracked(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void forward_untracked(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
