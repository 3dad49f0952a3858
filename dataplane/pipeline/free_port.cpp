// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pipeline/free_port.h"

#include "dataplane/pipeline/connection_end.h"

namespace tandem {

namespace {

// A reset closed both ends, so its port may be used again at once; of TIME_WAIT the backend keeps its own half (RFC 9293 3.6.1).
bool gives_way(ConnState state) noexcept { return state == ConnState::half_open || state == ConnState::reset; }

template <typename Entry>
bool end_if_it_gives_way(const Pass& pass, ConnHandle handle) noexcept {
  const Connections<Entry>& connections = pass.connections<Entry>();
  Entry* entry = connections.table->at(handle);
  if (entry == nullptr || !gives_way(entry->state)) return false;
  end_connection(pass.context, connections, *entry, RemoveReason::evicted);
  return true;
}

bool end_if_it_gives_way(const Pass& pass, ConnPlace place) noexcept {
  return place.family == Family::ipv4 ? end_if_it_gives_way<ConnEntry4>(pass, place.handle)
                                      : end_if_it_gives_way<ConnEntry6>(pass, place.handle);
}

// Whoever took a port longest ago is asked first. `budget`: how many may still be looked at.
bool free_one(const Pass& pass, const PortBook& ports, Protocol protocol, OwnerSlot slot, PortHalf half, std::size_t& budget) noexcept {
  unsigned high = ports.oldest(protocol, slot, half);
  for (std::size_t looked = 0; looked < PortBook::kPortsPerHalf && budget != 0; ++looked, --budget, high = PortBook::next(high, half)) {
    const std::optional<ConnPlace> place = ports.at(protocol, slot, high);
    if (place && end_if_it_gives_way(pass, *place)) return true;
  }
  return false;
}

}  // namespace

std::optional<PoolPort> take_port_by_force(const Pass& pass, std::span<const PoolSlot> pools, Protocol protocol, TableHash hash,
                                           ConnPlace place) noexcept {
  if (const auto free = take_port(pass.context, pools, protocol, hash, place)) return free;
  const PortHalves halves = pass.context.port_halves;
  std::size_t budget = kPortSearch;
  for (const PoolSlot pool : pools) {
    const PortBook& ports = *pass.pools[index(pool)].ports;
    if ((halves.own && free_one(pass, ports, protocol, owner_slot(hash), halves.mine, budget)) ||
        (halves.other && free_one(pass, ports, protocol, owner_slot(hash), other_half(halves.mine), budget)))
      return take_port(pass.context, pools, protocol, hash, place);
  }
  return std::nullopt;
}

}  // namespace tandem
