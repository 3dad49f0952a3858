// SPDX-License-Identifier: Apache-2.0
// A full-nat backend is told its client's address at the begin of a connection (docs/design/full-nat.md): by an option of the client's
// first segments, or by a header in front of its first byte. Until it has heard, the entry owes; then packets pay one test of a bit.
// The header takes numbers of its own, before the client's first byte: the SYN goes out with a number so much smaller, and behind
// the header both ends count alike. So nothing is shifted afterwards, and another node needs to know no more than the first byte.
#pragma once

#include "dataplane/pipeline/pass.h"

namespace tandem {

// Of an entry that has its port, made by this SYN or by one that begins it anew.
template <typename Entry>
void owe_address(const Pass& pass, const Packet& syn, Entry& entry, ClientAddress tells) noexcept {
  if (tells == ClientAddress::none) return;
  ConnDetail& detail = pass.connections<Entry>().table->detail(entry);
  detail.tells = tells;
  detail.first_byte = syn.tcp().sequence.host() + 1;
  entry.set_owes_address(true);
}

// How this connection's backend was or is to be told.
template <typename Entry>
ClientAddress tells_of(const Pass& pass, const Entry& entry) noexcept {
  if (entry.method != ForwardingMethod::full_nat) return ClientAddress::none;
  return static_cast<const ConnTable<Entry>&>(*pass.connections<Entry>().table).detail(entry).tells;
}

// A SYN with another number than the one that the backend may have taken. With both in the air nobody knows before which byte the
// header belongs, and a client could have its own words taken for it: such a connection is another one, from another port of ours.
template <typename Entry>
bool contradicts_first_syn(const Pass& pass, const Packet& syn, const Entry& entry) noexcept {
  if (tells_of(pass, entry) == ClientAddress::none || !entry.owes_address()) return false;
  const ConnTable<Entry>& table = *pass.connections<Entry>().table;
  return table.detail(entry).first_byte != syn.tcp().sequence.host() + 1;
}

// Of entries that owe: a client's packet goes to the backend; a backend's shows what it has heard, and is made to fit the client's numbers.
template <typename Entry>
void send_with_address(const Pass& pass, Packet& packet, const Entry& entry) noexcept;
template <typename Entry>
void hear_of_address(const Pass& pass, Packet& packet, Entry& entry) noexcept;

// An error on its way to the client, about a segment that had the header in front or made room for it.
template <typename Entry>
void number_quote_as_client(const Pass& pass, Packet& error, Packet& quoted, const Entry& entry) noexcept;

extern template void send_with_address(const Pass&, Packet&, const ConnEntry4&) noexcept;
extern template void send_with_address(const Pass&, Packet&, const ConnEntry6&) noexcept;
extern template void hear_of_address(const Pass&, Packet&, ConnEntry4&) noexcept;
extern template void hear_of_address(const Pass&, Packet&, ConnEntry6&) noexcept;
extern template void number_quote_as_client(const Pass&, Packet&, Packet&, const ConnEntry4&) noexcept;
extern template void number_quote_as_client(const Pass&, Packet&, Packet&, const ConnEntry6&) noexcept;

}  // namespace tandem
