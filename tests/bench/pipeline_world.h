// SPDX-License-Identifier: Apache-2.0
// One worker's pipeline in memory, with as many live connections as asked for, and where its packets come from and go to.
// A source takes buffers from a real pool and writes each packet's headers just before it is received; a sink frees it.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dataplane/pipeline/pipeline.h"
#include "tests/support/world.h"

namespace tandem::bench {

inline constexpr std::size_t kBurst = 32;

struct Flow {  // by number: neighbours in number are strangers in the table
  std::uint32_t client;
  std::uint16_t port;  // host order
  std::uint32_t server;
};
inline constexpr std::uint32_t kServers = 10;
inline Flow flow(std::uint64_t number) {
  return {0x20000000U + static_cast<std::uint32_t>(number / 50000), static_cast<std::uint16_t>(10000 + number % 50000),
          static_cast<std::uint32_t>(number % kServers)};
}

// What packets are made of: everything that does not depend on the flow.
struct Pattern {
  Family family = Family::ipv4;
  ForwardingMethod method = ForwardingMethod::nat;
  Direction direction = Direction::from_client;
  bool to_group = false;  // by a group's virtual MAC, as clients come in a pair
};

class PacketSource {
 public:
  PacketSource(rte_mempool* pool, const Pattern& pattern, std::uint64_t live);

  void choose(std::span<std::uint64_t> numbers) noexcept;  // uniformly among the live
  // `servers`: whose replies these are, where that is not the flow's own.
  void make(std::span<const std::uint64_t> numbers, std::span<rte_mbuf*> out, std::uint8_t tcp_flags,
            std::span<const std::uint32_t> servers = {}) noexcept;

 private:
  void write4(std::uint8_t* frame, const Flow& flow, std::uint8_t tcp_flags) const noexcept;
  void write6(std::uint8_t* frame, const Flow& flow, std::uint8_t tcp_flags) const noexcept;

  rte_mempool* pool_;
  Pattern pattern_;
  std::uint64_t live_, random_ = 88172645463325252U;
  test::Bytes frame_;
  std::uint64_t ip_sum_ = 0;  // IPv4: of the header without the flow's addresses
};

class PipelineWorld {
 public:
  PipelineWorld(std::size_t capacity4, std::size_t capacity6, bool hugepages);

  void fill(const Pattern& pattern, std::uint64_t live);  // established connections 0 … live-1
  void clear();

  WorkerContext& context() { return context_; }
  Pipeline& pipeline() { return pipeline_; }
  Batch& batch() { return batch_; }
  const Generation& generation() const { return *generation_; }
  const WorkerCounters& counters() const { return *counters_; }
  std::size_t bytes_per_connection4() const;

  // A burst in, through, and out; the number of packets that were transmitted.
  // `servers` gets who each packet went to, if asked for: IPv4, all by one port.
  std::size_t run(std::span<rte_mbuf* const> burst, PortId port, std::span<std::uint32_t> servers = {}) noexcept;
  std::size_t sink() noexcept;  // of what the batch transmits

 private:
  test::World world_;
  std::unique_ptr<Generation> generation_;
  ConnTable4 table4_;
  ConnTable6 table6_;
  Expiry expiry4_, expiry6_;
  TableHasher hasher_;
  std::unique_ptr<WorkerCounters> counters_;
  std::vector<BackendCounters> backends_;
  WorkerContext context_;
  Pipeline pipeline_;
  Batch batch_;
};

inline PortId port_of(const Pattern& pattern) { return pattern.direction == Direction::from_client ? PortId{0} : PortId{1}; }

}  // namespace tandem::bench
