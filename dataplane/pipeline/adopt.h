// SPDX-License-Identifier: Apache-2.0
// A connection that goes on and has no entry here: lost with a table, never told, or not remembered in a flood. A client's packet
// suggests a backend (suspects.h), and where replies pass us a reset by that one is swallowed and the next is tried; a backend's packet
// proves it (docs/design/adoption.md). Threads: the worker's own.
#pragma once

#include "dataplane/pipeline/begin_entry.h"

namespace tandem {

// TCP past its handshake, and not torn down by this packet. What a stray SYN+ACK, RST or bare FIN says is not enough for an entry.
constexpr bool is_mid_flow(std::uint8_t tcp_flags) noexcept { return (tcp_flags & (kTcpAck | kTcpSyn | kTcpRst)) == kTcpAck; }

// By a client's packet, which gets its verdict. The method is not full-nat: its port is known to nobody.
template <typename Entry>
void adopt_by_client(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

// By a reply of the backend that `slot` is: the entry, to be forwarded by, in place of a wrong guess if there was one. Null: none is
// made, because the packet does not suffice, there is no room, too many come, the group is the peer's, or the connection would not stay.
template <typename Entry>
Entry* adopt_by_reply(const Pass& pass, const Newcomer<Entry>& newcomer, BackendSlot slot) noexcept;

// The backend that `entry` was given by guess knows nothing of it, and has said nothing else so far.
template <typename Entry>
bool is_refuted(const Pass& pass, const Packet& packet, Entry& entry) noexcept;

// Then the next suspect gets the connection, and the client does not hear of it: it tries again. Is nobody left, it does hear.
template <typename Entry>
void guess_again(const Pass& pass, Packet& packet, Entry& entry) noexcept;

// A reset by a server that was guessed before and is no longer: several packets of the client were on their way to it, and each is
// answered so. Its connection has gone on to another one by the first of them.
template <typename Entry>
bool is_refuted_before(const Pass& pass, const Newcomer<Entry>& newcomer) noexcept;

extern template void adopt_by_client(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template void adopt_by_client(const Pass&, const Newcomer<ConnEntry6>&) noexcept;
extern template ConnEntry4* adopt_by_reply(const Pass&, const Newcomer<ConnEntry4>&, BackendSlot) noexcept;
extern template ConnEntry6* adopt_by_reply(const Pass&, const Newcomer<ConnEntry6>&, BackendSlot) noexcept;
extern template bool is_refuted(const Pass&, const Packet&, ConnEntry4&) noexcept;
extern template bool is_refuted(const Pass&, const Packet&, ConnEntry6&) noexcept;
extern template void guess_again(const Pass&, Packet&, ConnEntry4&) noexcept;
extern template void guess_again(const Pass&, Packet&, ConnEntry6&) noexcept;
extern template bool is_refuted_before(const Pass&, const Newcomer<ConnEntry4>&) noexcept;
extern template bool is_refuted_before(const Pass&, const Newcomer<ConnEntry6>&) noexcept;

}  // namespace tandem
