// SPDX-License-Identifier: Apache-2.0
// A wire that is always full: each receive finds a burst of established connections of nat, IPv4, clients' packets at the first port
// and replies at the second; each worker's queues hold its own flows, as RSS by the client's end gives them, or for replies the flows of
// the next worker, so that all of them must be handed over. What is sent is freed.
// Threads: one worker a queue, as Wire says; divide() before, hand_over_replies() while nobody runs.
#pragma once

#include <memory>
#include <vector>

#include "dataplane/io/wire.h"
#include "tests/bench/packet_source.h"

namespace tandem::bench {

class FullWire final : public Wire {
 public:
  explicit FullWire(rte_mempool* pool) : pool_{pool} {}

  void divide(std::vector<std::vector<std::uint32_t>> numbers_by_owner);  // which are taken in a random order
  void hand_over_replies(bool yes) { foreign_replies_ = yes; }

  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override;

 private:
  struct alignas(kCacheLineBytes) Queue {
    PacketSource from_client, replies;
    std::size_t next_client = 0, next_reply = 0;
  };
  static void take(const std::vector<std::uint32_t>& numbers, std::size_t& next, std::span<std::uint64_t> taken) noexcept;

  rte_mempool* pool_;
  bool foreign_replies_ = false;
  std::vector<std::vector<std::uint32_t>> numbers_;
  std::vector<std::unique_ptr<Queue>> queues_;
};

}  // namespace tandem::bench
