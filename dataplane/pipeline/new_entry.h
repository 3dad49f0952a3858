// SPDX-License-Identifier: Apache-2.0
// An entry as it will stand in the table: everything that a packet's rewriting needs, worked out once.
#pragma once

#include "dataplane/conn/entry.h"
#include "dataplane/model/generation.h"

namespace tandem {

template <typename Address>
Address address_as(const IpAddress& address) noexcept {
  if constexpr (std::is_same_v<Address, Ipv4Address>) return address.v4();
  else return address.v6();
}

// Where a connection finds its backend: at a port of its own, or at the one that the client asked for.
inline Be16 backend_port(const BackendView& backend, Be16 asked) noexcept { return backend.port == 0 ? asked : Be16{backend.port}; }

// Whose: `key` as a packet from the client has it. To: the backend of this slot in this generation.
template <typename Entry>
Entry new_entry(const Generation& generation, const typename Entry::Key& key, const ServiceView& service, BackendSlot slot) noexcept {
  const BackendView& backend = (*generation.backends)[index(slot)];
  Entry entry;
  entry.client = key.client.address;
  entry.client_port = key.client.port;
  entry.protocol = key.client.protocol;
  entry.vip = key.far;
  entry.vip_port = key.far_port;
  entry.backend_slot = slot;
  entry.backend_incarnation = backend.incarnation;
  entry.backend = address_as<typename Entry::AddressType>(backend.address);
  entry.backend_port = backend_port(backend, key.far_port);
  entry.method = service.method;
  entry.set_deltas();
  return entry;
}

}  // namespace tandem
