// SPDX-License-Identifier: Apache-2.0
// What every pass is given: one run of the pipeline over one batch.
#pragma once

#include <type_traits>

#include "dataplane/packet/batch.h"
#include "dataplane/pipeline/context.h"
#include "dataplane/pipeline/lanes.h"
#include "dataplane/pipeline/port_facts.h"

namespace tandem {

struct Pass {
  const WorkerContext& context;
  const Generation& generation;
  const PortFacts& ports;
  Batch& batch;
  Lanes& lanes;

  WorkerCounters& counters() const noexcept { return *context.counters; }
  BackendCounters& backend(BackendSlot slot) const noexcept { return context.backends[index(slot)]; }

  template <typename Entry>
  const Connections<Entry>& connections() const noexcept {
    if constexpr (std::is_same_v<Entry, ConnEntry4>) return context.connections4;
    else return context.connections6;
  }
  template <typename Entry>
  FamilyLanes<Entry>& lanes_of() const noexcept {
    if constexpr (std::is_same_v<Entry, ConnEntry4>) return lanes.v4;
    else return lanes.v6;
  }
};

// The addresses of a packet of the entry's family.
inline Ipv4Address source_of(const Packet& packet, const ConnEntry4*) noexcept { return packet.ipv4().source; }
inline Ipv6Address source_of(const Packet& packet, const ConnEntry6*) noexcept { return packet.ipv6().source; }
inline Ipv4Address target_of(const Packet& packet, const ConnEntry4*) noexcept { return packet.ipv4().target; }
inline Ipv6Address target_of(const Packet& packet, const ConnEntry6*) noexcept { return packet.ipv6().target; }

// The key that a packet's connection is found by, from either direction.
template <typename Entry, Direction kDirection>
typename Entry::Key key_of(const Packet& packet) noexcept {
  constexpr const Entry* family = nullptr;
  const auto protocol = static_cast<Protocol>(packet.protocol);
  if constexpr (kDirection == Direction::from_client)
    return {{source_of(packet, family), packet.source_port, protocol}, target_of(packet, family), packet.target_port};
  else return {{target_of(packet, family), packet.target_port, protocol}, source_of(packet, family), packet.source_port};
}

}  // namespace tandem
