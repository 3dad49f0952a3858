// SPDX-License-Identifier: Apache-2.0
// A full-nat connection's port of ours, from its first packet to its end (docs/design/full-nat.md).
#pragma once

#include <optional>

#include "dataplane/conn/port_book.h"
#include "dataplane/pipeline/context.h"

namespace tandem {

struct PoolPort {
  PoolSlot pool = kNoPool;
  std::uint16_t port = 0;  // host order
};

// The service's pool addresses of the backend's family.
inline std::span<const PoolSlot> pools_of(const ServiceView& service, Family family) noexcept {
  return service.pools[family == Family::ipv4 ? 0 : 1];
}

// Which of so many a flow begins with.
constexpr std::size_t first_pool(TableHash hash, std::size_t pools) noexcept { return pools == 0 ? 0 : (hash >> 24 & 0xffff) % pools; }

// Of the pool address that the flow begins with, or the next one that has one. None: all are taken.
std::optional<PoolPort> take_port(const WorkerContext& context, std::span<const PoolSlot> pools, Protocol protocol, TableHash hash,
                                  ConnPlace place) noexcept;

// The one that the peer gave it. None: our configuration has no such address, or the port is another's here.
std::optional<PoolPort> claim_port(const WorkerContext& context, std::span<const PoolSlot> pools, Protocol protocol, std::uint16_t tag,
                                   std::uint16_t port, ConnPlace place) noexcept;

// Writes it where forwarding and the peer's record find it.
template <typename Entry>
void adopt_port(const WorkerContext& context, const Connections<Entry>& connections, Entry& entry, PoolPort own) noexcept {
  const IpAddress& source = (*context.generation->pools)[index(own.pool)].address;
  entry.set_own_source({Be16{own.port}, own.pool}, source, (*context.generation->backends)[index(entry.backend_slot)].address);
  ConnDetail& detail = connections.table->detail(entry);
  detail.source_port = Be16{own.port}, detail.source_pool = pool_tag(source);
}

template <typename Entry>
void release_port(const WorkerContext& context, const Entry& entry) noexcept {
  if (entry.method != ForwardingMethod::full_nat) return;
  const OwnSource own = entry.own_source();
  if (own.pool != kNoPool) (*context.generation->pools)[index(own.pool)].ports->release(entry.protocol, own.port.host());
}

}  // namespace tandem
