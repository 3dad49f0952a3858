// SPDX-License-Identifier: Apache-2.0
#include "dataplane/forward/hold.h"

#include "dataplane/forward/rewrite.h"
#include "dataplane/model/backend.h"

namespace tandem {

namespace {

const Adjacency* hop_to_client(const Generation& generation, const NextHop& next) noexcept {
  const auto& adjacencies = *generation.adjacencies;
  return index(next.adjacency) < adjacencies.size() ? &adjacencies[index(next.adjacency)] : nullptr;
}

std::size_t link_bytes_of(const std::uint8_t* frame) noexcept {
  const bool tagged = reinterpret_cast<const EthHeader*>(frame)->type == kEtherVlan;
  return tagged ? sizeof(EthHeader) + sizeof(VlanTag) : sizeof(EthHeader);
}

}  // namespace

std::optional<NextHop> awaited_neighbour(const Generation& generation, const Held& held) noexcept {
  return generation.routes->find(held.destination);
}

Release release_held(const Generation& generation, const Held& held) noexcept {
  const Adjacency* hop = nullptr;
  if (held.slot != kNoBackend) {
    hop = &(*generation.backend_hops)[index(held.slot)];
  } else {
    const auto next = awaited_neighbour(generation, held);
    if (!next) return {Verdict::drop, {}, DropReason::no_route};
    hop = hop_to_client(generation, *next);
  }
  if (hop == nullptr || !hop->resolved()) return {};
  const PortView& port = (*generation.ports)[index(hop->port)];
  auto* frame = rte_pktmbuf_mtod(held.mbuf, std::uint8_t*);
  const std::size_t link_bytes = link_bytes_of(frame);
  if (!port.up) return {Verdict::drop, {}, DropReason::port_down};
  if (held.mbuf->pkt_len - link_bytes > port.mtu_bytes) return {Verdict::drop, {}, DropReason::mtu_exceeded};
  if (!write_link(held.mbuf, frame, link_bytes, *hop)) return {Verdict::drop, {}, DropReason::no_buffer};
  return {Verdict::transmit, hop->port, {}};
}

}  // namespace tandem
