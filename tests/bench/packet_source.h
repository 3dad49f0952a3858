// SPDX-License-Identifier: Apache-2.0
// Takes buffers from a real pool and writes each packet's headers just before it is received, as a device's DMA would.
#pragma once

#include <rte_mbuf.h>

#include <span>

#include "tests/bench/pipeline_pattern.h"
#include "tests/support/packet_builder.h"

namespace tandem::bench {

class PacketSource {
 public:
  PacketSource(rte_mempool* pool, const Pattern& pattern);

  // `servers`: whose replies these are, where that is not the flow's own.
  void make(std::span<const std::uint64_t> numbers, std::span<rte_mbuf*> out, std::uint8_t tcp_flags = kTcpAck,
            std::span<const std::uint32_t> servers = {}) noexcept;

 private:
  struct Ends {
    Be32 source, target;  // the last four bytes; of what stands in the pattern already: nothing
    Be16 port;            // the one that differs
  };
  Ends ends_of(std::uint64_t number, std::uint32_t server, const Flow& flow) const noexcept;
  void write(std::uint8_t* frame, const Ends& ends, std::uint8_t tcp_flags) noexcept;
  void write_id(std::uint8_t* frame) noexcept;

  rte_mempool* pool_;
  Pattern pattern_;
  std::uint32_t first_client_;
  test::Bytes frame_;
  std::size_t l4_at_;
  std::uint64_t ip_sum_ = 0;  // IPv4: of the header without what differs
  std::uint16_t id_ = 0;      // of the last datagram in fragments
};

}  // namespace tandem::bench
