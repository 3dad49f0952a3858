// SPDX-License-Identifier: Apache-2.0
#include "controlplane/daemon/source_sample.h"

#include "dataplane/conn/port_book.h"

namespace tandem {
namespace {

// A half that may not be taken from has no ports for us.
api::Count free_of(const PortBook& ports, Protocol protocol, PortHalves halves) {
  const auto free = [&](PortHalf half, bool may) { return may ? PortBook::kAllPortsOfAHalf - ports.taken(protocol, half) : 0U; };
  return free(halves.mine, halves.own) + free(other_half(halves.mine), halves.other);
}

api::Source source_of(const PoolView& pool, PortHalves halves, std::span<const config::Group> groups) {
  api::Source out;
  out.address = to_string(pool.address), out.gives = pool.gives;
  if (index(pool.group) < groups.size()) out.group = groups[index(pool.group)].name;
  out.connections_tcp = pool.ports->taken(Protocol::tcp), out.connections_udp = pool.ports->taken(Protocol::udp);
  if (!pool.gives) return out;
  out.free_tcp = free_of(*pool.ports, Protocol::tcp, halves), out.free_udp = free_of(*pool.ports, Protocol::udp, halves);
  out.capacity = (unsigned{halves.own} + unsigned{halves.other}) * PortBook::kAllPortsOfAHalf;
  return out;
}

}  // namespace

std::vector<api::Source> sources_of(const Generation& generation, PortHalves halves, std::span<const config::Group> groups) {
  std::vector<api::Source> out;
  for (const PoolView& pool : *generation.pools)
    if (pool.ports != nullptr) out.push_back(source_of(pool, halves, groups));
  return out;
}

}  // namespace tandem
