// SPDX-License-Identifier: Apache-2.0
// What whole connections cost, from SYN to the last ACK, and how many of them one worker makes in a second.
#pragma once

#include "tests/bench/pipeline_cases.h"

namespace tandem::bench {

// Six packets: handshake, FIN of both sides and the last ACK. A burst of connections goes through them abreast. Each begins
// where one long ended in TIME_WAIT, so removing is paid for as well.
class Connector {
 public:
  Connector(PipelineWorld& world, rte_mempool* pool, std::uint64_t different);
  void six(bool through);  // or made and freed alone

 private:
  void send(PacketSource& from, std::uint8_t flags, PortId port, bool through);

  PipelineWorld& world_;
  std::uint64_t different_, next_ = 0;
  PacketSource client_, server_;
  std::array<std::uint64_t, kBurst> numbers_{};
  std::array<rte_mbuf*, kBurst> burst_{};
  std::array<std::uint32_t, kBurst> servers_{};
};

void measure_connections(PipelineWorld& world, const Trial& trial);  // live: how many different ones

}  // namespace tandem::bench
