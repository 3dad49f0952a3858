// SPDX-License-Identifier: Apache-2.0
// One worker's pipeline in memory, with as many live connections as asked for; what it transmits is freed.
#pragma once

#include <rte_mbuf.h>

#include <memory>
#include <span>
#include <vector>

#include "dataplane/pipeline/pipeline.h"
#include "tests/bench/established.h"
#include "tests/support/world.h"

namespace tandem::bench {

struct PipelineRoom {
  std::size_t connections4 = 1024, connections6 = 1024;
  std::uint64_t full_nat = 0;  // of them, of one service
  bool hugepages = false;
};

class PipelineWorld {
 public:
  explicit PipelineWorld(const PipelineRoom& room);

  void fill(const ServiceKind& kind, std::uint64_t live);  // established connections 0 … live-1
  void clear() { end_all(context_); }
  void guard(std::shared_ptr<const GuardView> view) { generation_->guard = std::move(view); }

  WorkerContext& context() { return context_; }
  Pipeline& pipeline() { return pipeline_; }
  Batch& batch() { return batch_; }
  const Generation& generation() const { return *generation_; }
  const WorkerCounters& counters() const { return *counters_; }

  // A burst in, through, and out; the number of packets that were transmitted.
  // `servers` gets who each packet went to, if asked for: IPv4, all by one port.
  std::size_t run(std::span<rte_mbuf* const> burst, PortId port, std::span<std::uint32_t> servers = {}) noexcept;
  std::size_t sink() noexcept;  // of what the batch transmits

 private:
  test::World network_;
  std::unique_ptr<Generation> generation_;
  ConnTable4 table4_;
  ConnTable6 table6_;
  Expiry expiry4_, expiry6_;
  TableHasher hasher_;
  std::unique_ptr<WorkerCounters> counters_;
  std::vector<BackendCounters> backends_;
  DatagramTable datagrams_;
  WorkerContext context_;
  Pipeline pipeline_;
  Batch batch_;
};

}  // namespace tandem::bench
