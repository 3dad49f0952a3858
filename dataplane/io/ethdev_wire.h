// SPDX-License-Identifier: Apache-2.0
// All ports' queues as the workers' wire.
// Threads: add() before any worker runs; a queue is its owner's.
#pragma once

#include <array>

#include "dataplane/io/port.h"
#include "dataplane/io/wire.h"

namespace tandem {

class EthdevWire final : public Wire {
 public:
  void add(PortId id, const Port& port) { lanes_[index(id)] = {port.dpdk_port(), port.takes_chains(), port.speaks_when_idle()}; }
  std::uint16_t receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept override;
  std::uint16_t send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept override;

 private:
  struct Lane {
    std::uint16_t dpdk_port = 0;
    bool takes_chains = true, speaks_when_idle = false;
  };
  std::array<Lane, kMaxPorts> lanes_{};
};

}  // namespace tandem
