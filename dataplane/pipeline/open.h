// SPDX-License-Identifier: Apache-2.0
// Gives a connection its backend and its entry.
#pragma once

#include "dataplane/pipeline/newcomer.h"

namespace tandem {

// A new connection by the scheduler's pick. An adopted one, met in mid-flow, by its first live candidate. A named one, whose client has
// come from elsewhere, by its QUIC connection id.
enum class Opening : std::uint8_t { fresh, adopted, named };

// Makes the entry and sends the packet; without room for an entry the packet goes to its first live candidate untracked.
template <typename Entry>
void open_connection(const Pass& pass, const Newcomer<Entry>& newcomer, Opening opening) noexcept;

// Forwards without leaving a trace: a stray RST or SYN+ACK must not fill the table.
template <typename Entry>
void forward_untracked(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

// The same to the backend that the connection id names.
template <typename Entry>
void forward_named(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

// Of a service that keeps no connections: the datagram goes where its scheduler says, and the answer is known by its backend alone
// (lone_reply.h).
template <typename Entry>
void forward_one(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

extern template void open_connection(const Pass&, const Newcomer<ConnEntry4>&, Opening) noexcept;
extern template void open_connection(const Pass&, const Newcomer<ConnEntry6>&, Opening) noexcept;
extern template void forward_untracked(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void forward_untracked(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
extern template void forward_one(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void forward_one(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
extern template void forward_named(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void forward_named(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
