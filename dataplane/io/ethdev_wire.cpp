// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/ethdev_wire.h"

#include <rte_ethdev.h>

#include "dataplane/io/tx_chain.h"

namespace tandem {

std::uint16_t EthdevWire::receive(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t room) noexcept {
  const Lane& lane = lanes_[index(port)];
  if (lane.speaks_when_idle) rte_eth_tx_burst(lane.dpdk_port, queue, nullptr, 0);
  return rte_eth_rx_burst(lane.dpdk_port, queue, burst, room);
}

std::uint16_t EthdevWire::send(PortId port, std::uint16_t queue, rte_mbuf** burst, std::uint16_t count) noexcept {
  const Lane& lane = lanes_[index(port)];
  if (!lane.takes_chains) count = join_segments(burst, count);
  return rte_eth_tx_burst(lane.dpdk_port, queue, burst, count);
}

}  // namespace tandem
