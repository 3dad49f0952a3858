// SPDX-License-Identifier: Apache-2.0
// The way back to a client. An entry remembers its adjacency, right while the generation's route_version is the same.
#pragma once

#include "dataplane/conn/entry.h"
#include "dataplane/model/generation.h"

namespace tandem {

// The remembered one, or null: then look_up_client_hop. kNoAdjacency lies beyond any array.
template <typename Entry>
const Adjacency* remembered_client_hop(const Generation& generation, const Entry& entry) noexcept {
  const auto& adjacencies = *generation.adjacencies;
  if (entry.route_version != generation.route_version || index(entry.client_adjacency) >= adjacencies.size()) return nullptr;
  return &adjacencies[index(entry.client_adjacency)];
}

struct ClientHop {
  bool routed = false;
  const Adjacency* adjacency = nullptr;  // null though routed: the neighbour is not known yet
};

// By route and neighbour; what it finds is written into the entry.
template <typename Entry>
ClientHop look_up_client_hop(const Generation& generation, Entry& entry) noexcept {
  const auto hop = generation.routes->find(IpAddress{entry.client});
  if (!hop) return {};
  entry.client_adjacency = hop->adjacency;
  entry.route_version = generation.route_version;
  return {true, remembered_client_hop(generation, entry)};
}

}  // namespace tandem
