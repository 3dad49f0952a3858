// SPDX-License-Identifier: Apache-2.0
// What is measured between two readings of the clock: some bursts of one pattern's packets, made and freed, or made and run through
// the pipeline. Chunks of what is compared come in turns, so that whatever else the machine does meets both.
#pragma once

#include <array>
#include <string>

#include "tests/bench/flow_choice.h"
#include "tests/bench/packet_source.h"
#include "tests/bench/pipeline_world.h"
#include "tests/bench/report.h"
#include "tests/bench/samples.h"

namespace tandem::bench {

inline constexpr std::size_t kBursts = 16;  // of a chunk
inline constexpr double kPackets = kBurst * kBursts;

template <typename Work>
double cycles_per_packet(Work&& work) {
  const std::uint64_t start = cycles_now();
  for (std::size_t i = 0; i < kBursts; ++i) work();
  return static_cast<double>(cycles_now() - start) / kPackets;
}

// Caches and predictors find their places in the first tenth.
inline bool is_warm(std::size_t round, std::size_t rounds) { return round >= rounds / 10; }

struct Chunk {
  double null = 0, ours = 0;  // cycles per packet
  double difference() const { return ours - null; }
};

// Packets of established connections, and what makes them.
class Steady {
 public:
  Steady(PipelineWorld& world, rte_mempool* pool, const Pattern& pattern, FlowChoice choice)
      : world_{world}, source_{pool, pattern}, choice_{std::move(choice)}, port_{port_of(pattern)} {}

  std::span<rte_mbuf* const> make() {
    choice_.choose(numbers_);
    source_.make(numbers_, burst_);
    return burst_;
  }
  std::size_t run() { return world_.run(burst_, port_); }  // what was made
  double null() {
    return cycles_per_packet([&] { make(), rte_pktmbuf_free_bulk(burst_.data(), kBurst); });
  }
  Chunk chunk() {
    const double empty = null();
    return {empty, cycles_per_packet([&] { make(), sent_ += run(); })};
  }
  std::uint64_t sent() const { return sent_; }

 private:
  PipelineWorld& world_;
  PacketSource source_;
  FlowChoice choice_;
  PortId port_;
  std::uint64_t sent_ = 0;
  std::array<std::uint64_t, kBurst> numbers_{};
  std::array<rte_mbuf*, kBurst> burst_{};
};

// The columns of one row.
class ChunkColumns {
 public:
  void add(const Chunk& chunk) { null_.add(chunk.null), ours_.add(chunk.ours), difference_.add(chunk.difference()); }
  // Of the same round; by how many times the one costs more than the other.
  void add(const Chunk& chunk, const Chunk& other) {
    add(chunk);
    times_.add(chunk.difference() / other.difference());
  }
  void write(Row& row, const std::string& other = {}) const {
    row.set("null", null_).set("ours", ours_).set("difference", difference_);
    if (!times_.empty()) row.set("× " + other, times_);
  }

 private:
  Samples null_, ours_, difference_, times_;
};

}  // namespace tandem::bench
