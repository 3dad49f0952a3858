// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/pool_port.h"

#include <algorithm>

namespace tandem {

namespace {

std::optional<std::uint16_t> take_of(PortBook& ports, PortHalves halves, Protocol protocol, OwnerSlot slot, ConnPlace place) noexcept {
  if (halves.own)
    if (const auto port = ports.take(protocol, slot, halves.mine, place)) return port;
  return halves.other ? ports.take(protocol, slot, other_half(halves.mine), place) : std::nullopt;
}

}  // namespace

std::optional<PoolPort> take_port(const WorkerContext& context, std::span<const PoolSlot> pools, Protocol protocol, TableHash hash,
                                  ConnPlace place) noexcept {
  const std::size_t first = first_pool(hash, pools.size());
  for (std::size_t tried = 0; tried < pools.size(); ++tried) {
    const PoolSlot pool = pools[(first + tried) % pools.size()];
    PortBook& ports = *(*context.generation->pools)[index(pool)].ports;
    if (const auto port = take_of(ports, context.port_halves, protocol, owner_slot(hash), place)) return PoolPort{pool, *port};
  }
  return std::nullopt;
}

std::optional<PoolPort> claim_port(const WorkerContext& context, std::span<const PoolSlot> pools, Protocol protocol, std::uint16_t tag,
                                   std::uint16_t port, ConnPlace place) noexcept {
  const auto& views = *context.generation->pools;
  const auto pool = std::ranges::find(pools, tag, [&](PoolSlot slot) { return pool_tag(views[index(slot)].address); });
  const bool ours = context.generation->owners[index(owner_slot_of_port(port))] == context.self;
  if (pool == pools.end() || !ours || !views[index(*pool)].ports->claim(protocol, port, place)) return std::nullopt;
  return PoolPort{*pool, port};
}

}  // namespace tandem
