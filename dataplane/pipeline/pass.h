// SPDX-License-Identifier: Apache-2.0
// What every pass is given: one run of the pipeline over one batch.
#pragma once

#include <span>
#include <type_traits>

#include "dataplane/packet/batch.h"
#include "dataplane/pipeline/context.h"
#include "dataplane/pipeline/lanes.h"
#include "dataplane/pipeline/port_facts.h"

namespace tandem {

struct Pass {
  Pass(const WorkerContext& with, const PortFacts& facts, Batch& packets, Lanes& sorted) noexcept
      : context{with},
        generation{*with.generation},
        ports{facts},
        batch{packets},
        lanes{sorted},
        backend_views{*generation.backends},
        backend_hops{*generation.backend_hops},
        adjacencies{*generation.adjacencies},
        tunnels{*generation.tunnels},
        pools{*generation.pools} {}

  const WorkerContext& context;
  const Generation& generation;
  const PortFacts& ports;
  Batch& batch;
  Lanes& lanes;
  std::span<const BackendView> backend_views;  // the generation's, two pointers nearer
  std::span<const Adjacency> backend_hops, adjacencies;
  std::span<const TunnelView> tunnels;
  std::span<const PoolView> pools;

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

}  // namespace tandem
