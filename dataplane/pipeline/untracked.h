// SPDX-License-Identifier: Apache-2.0
// Forwards what comes from a client without leaving a trace: by an entry that is in no table. Threads: the worker's own.
#pragma once

#include "dataplane/pipeline/newcomer.h"

namespace tandem {

// Whom a new connection would be given without a turn; kNoBackend: nobody.
template <typename Entry>
BackendSlot first_live_backend(const Newcomer<Entry>& newcomer) noexcept;

// To this backend, counted as decided so. Of full-nat it is dropped: its way back is by an entry alone.
template <typename Entry>
void send_untracked(const Pass& pass, const Newcomer<Entry>& newcomer, BackendSlot slot, OrphanDecision decision) noexcept;

// A stray RST or SYN+ACK must not fill the table. What may open a connection goes to whoever takes new ones; else to whom it most likely
// belongs.
template <typename Entry>
void forward_untracked(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

// Of a service that keeps no connections: the datagram goes where its scheduler says, and the answer is known by its backend alone
// (lone_reply.h).
template <typename Entry>
void forward_one(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

extern template BackendSlot first_live_backend(const Newcomer<ConnEntry4>&) noexcept;
extern template BackendSlot first_live_backend(const Newcomer<ConnEntry6>&) noexcept;
extern template void send_untracked(const Pass&, const Newcomer<ConnEntry4>&, BackendSlot, OrphanDecision) noexcept;
extern template void send_untracked(const Pass&, const Newcomer<ConnEntry6>&, BackendSlot, OrphanDecision) noexcept;
extern template void forward_untracked(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void forward_untracked(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
extern template void forward_one(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void forward_one(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
