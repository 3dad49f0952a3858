// SPDX-License-Identifier: Apache-2.0
// Connections to order: distinct by number, small address pools so that keys meet, hashes as wide or as narrow as a test wants.
#pragma once

#include <cstring>

#include "dataplane/conn/expiry.h"
#include "dataplane/conn/life.h"
#include "dataplane/conn/table.h"
#include "dataplane/conn/table_hash.h"

namespace tandem::test {

template <typename Address>
Address address_of(std::uint32_t number) {
  if constexpr (std::is_same_v<Address, Ipv4Address>) {
    return Ipv4Address{Be32{number}};
  } else {
    Ipv6Address address;
    std::memcpy(address.bytes.data() + 12, &number, sizeof number);
    return address;
  }
}

// Client `client` (its low 16 bits are the port) talks to VIP `vip` and was given backend `backend`.
template <typename Entry>
Entry entry_of(std::uint32_t client, std::uint32_t vip = 1, std::uint32_t backend = 1, ConnState state = ConnState::established) {
  using Address = typename Entry::AddressType;
  Entry entry;
  entry.client = address_of<Address>(0x0a000000 + (client >> 16));
  entry.client_port = Be16{static_cast<std::uint16_t>(client)};
  entry.protocol = Protocol::tcp;
  entry.vip = address_of<Address>(0xc0000200 + vip);
  entry.vip_port = Be16{80};
  entry.backend = address_of<Address>(0x0a010000 + backend);
  entry.backend_port = Be16{8080};
  entry.method = ForwardingMethod::nat;
  entry.state = state;
  return entry;
}

template <typename Entry>
TableHash hash_of(const Entry& entry) {
  static const TableHasher hasher{SipKey{3, 4}, TableHasher::Kind::siphash};
  return hasher(entry.client_key().client);
}

template <typename Entry>
ConnTable<Entry> make_table(std::size_t capacity) {
  return ConnTable<Entry>{capacity, anonymous_memory(ConnTable<Entry>::bytes_for(capacity))};
}

inline Expiry make_expiry(std::size_t slots, Tick start = 0) { return Expiry{slots, anonymous_memory(Expiry::bytes_for(slots)), start}; }

}  // namespace tandem::test
