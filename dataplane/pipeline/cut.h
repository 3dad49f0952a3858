// SPDX-License-Identifier: Apache-2.0
// Ends connections before their ends do (docs/design/life.md). Of TCP both ends are told by a reset, made of a segment of either by RFC
// 9293 3.10.7.1: what it acknowledges is what its sender expects next, so the reset is believed (RFC 5961 3.2) and nothing has to be
// remembered of a connection's numbers. Whoever is silent is asked by a segment that no window holds: RFC 9293 3.10.7.4 has it answer with
// an acknowledgment. The entry stays for its `reset` time, so that whatever comes late is answered alike. Datagrams have no end: their
// entry goes.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

template <typename Entry>
bool is_cut(const Connections<Entry>& connections, Entry& entry) noexcept {
  return entry.state == ConnState::reset && entry.protocol == Protocol::tcp && (connections.table->detail(entry).seen & kSeenCut) != 0;
}

// Its backend's fate is its own, or it is cut already.
template <typename Entry>
bool is_ending(const Pass& pass, Entry& entry) noexcept {
  return is_ending(pass.backend_views[index(entry.backend_slot)].fate) || is_cut(pass.connections<Entry>(), entry);
}

// A packet of a connection that is ended, by its backend's fate or because it is cut already. The packet has its verdict afterwards.
template <typename Entry>
void settle_ending(const Pass& pass, Packet& packet, Entry& entry, Direction direction) noexcept;

// Without a packet of its own, as a sweep or an operator wants it. Relies on own_segments->has_room().
template <typename Entry>
void cut_silent(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry) noexcept;

extern template void settle_ending(const Pass&, Packet&, ConnEntry4&, Direction) noexcept;
extern template void settle_ending(const Pass&, Packet&, ConnEntry6&, Direction) noexcept;
extern template void cut_silent(const WorkerContext&, const Connections<ConnEntry4>&, ConnEntry4&) noexcept;
extern template void cut_silent(const WorkerContext&, const Connections<ConnEntry6>&, ConnEntry6&) noexcept;

}  // namespace tandem
