// SPDX-License-Identifier: Apache-2.0
// Numbers for next hops that stay with their (address, port, VLAN), so that an entry may remember one across generations: a
// new MAC is written in place. A neighbour that vanishes leaves its number behind, unresolved; numbers are freed only when
// all are taken, all unused ones at once, and then `frees()` grows: whoever remembers one must look again.
// Threads: one control thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "controlplane/config/resolve.h"
#include "dataplane/model/adjacency.h"
#include "dataplane/model/routes.h"

namespace tandem::config {

class AdjacencyTable {
 public:
  explicit AdjacencyTable(std::size_t capacity = kMaxAdjacencies) : capacity_{capacity} {}

  // Which next hops, sorted, must have a number though nobody answered yet. kNoAdjacency when all numbers are in use.
  void want(std::vector<NextHopKey> keys);
  AdjacencyId find(const NextHopKey& key) const;

  // The neighbours there are now, sorted; what was learnt before and is not among them becomes unresolved.
  void learn(std::vector<Neighbour> now);

  std::vector<Adjacency> adjacencies(std::span<const PortInput> ports) const;  // by AdjacencyId
  std::vector<NeighbourEntry> entries() const;                                 // sorted by address, port, VLAN
  std::uint64_t keys_version() const { return keys_version_; }                 // grows when entries() changes
  std::uint64_t macs_version() const { return macs_version_; }                 // grows when adjacencies() may change
  std::uint64_t frees() const { return frees_; }
  std::size_t left_out() const { return left_out_; }  // neighbours that found no number

 private:
  struct Hop {
    NextHopKey key;
    MacAddress mac;
    bool used = false, resolved = false, wanted = false;
  };

  AdjacencyId number(const NextHopKey& key);
  void set(const NextHopKey& key, const MacAddress* mac);
  void set_wanted(const NextHopKey& key, bool wanted);
  void free_unused();

  std::size_t capacity_;
  std::map<NextHopKey, AdjacencyId> ids_;
  std::vector<Hop> hops_;  // by AdjacencyId
  std::vector<AdjacencyId> freed_;
  std::vector<Neighbour> learnt_;
  std::vector<NextHopKey> wanted_;
  std::uint64_t keys_version_ = 0, macs_version_ = 0, frees_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace tandem::config
