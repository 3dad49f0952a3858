// SPDX-License-Identifier: Apache-2.0
// The same live connections in our table and in DPDK's rte_hash, for measuring them in turns. Keys are computed from a number, so
// that making a batch of them reads no memory that the measured part would otherwise find cold or warm.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/conn/expiry.h"
#include "dataplane/conn/table.h"
#include "dataplane/conn/table_hash.h"

struct rte_hash;

namespace tandem::bench {

inline constexpr std::size_t kBurst = 32;
inline constexpr std::size_t kBursts = 16;  // between two readings of the clock
inline constexpr std::size_t kChunk = kBurst * kBursts;

ConnEntry4 connection(std::uint64_t number);  // distinct client ends for distinct numbers below 2^48

// What a chunk of packets looks up.
struct Chunk {
  std::vector<ConnKey4> keys{kChunk};
  std::vector<TableHash> hashes = std::vector<TableHash>(kChunk);
  std::vector<Direction> directions = std::vector<Direction>(kChunk);
};

class World {
 public:
  World(std::size_t live, bool hugepages);
  ~World();

  std::size_t live() const { return live_; }
  const TableHasher& hasher() const { return hasher_; }
  ConnTable4& table() { return table_; }
  rte_hash* reference() { return reference_; }
  ConnEntry4* reference_entries() { return static_cast<ConnEntry4*>(reference_memory_.start()); }
  std::size_t bytes() const;  // ours: table and deadlines

  void pick_known(Chunk& chunk);    // uniformly among the live, from the client
  void pick_unknown(Chunk& chunk);  // never seen before
  std::uint64_t random();

 private:
  void fill();

  std::size_t live_;
  TableHasher hasher_{SipKey{1, 2}};
  ConnTable4 table_;
  MemoryBlock reference_memory_;
  rte_hash* reference_ = nullptr;
  std::uint64_t random_ = 1, unknown_ = std::uint64_t{1} << 40;
};

}  // namespace tandem::bench
