// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/ethdev_filter.h"

#include <rte_ethdev.h>

#include <cstring>

namespace tandem {

namespace {

rte_ether_addr dpdk_mac(const MacAddress& mac) {
  rte_ether_addr copy{};
  std::memcpy(copy.addr_bytes, mac.bytes.data(), mac.bytes.size());
  return copy;
}

}  // namespace

int EthdevFilter::add(const MacAddress& mac) {
  rte_ether_addr added = dpdk_mac(mac);
  return rte_eth_dev_mac_addr_add(port_, &added, 0);
}

int EthdevFilter::remove(const MacAddress& mac) {
  rte_ether_addr removed = dpdk_mac(mac);
  return rte_eth_dev_mac_addr_remove(port_, &removed);
}

int EthdevFilter::list_multicasts(std::span<const MacAddress> macs) {
  std::vector<rte_ether_addr> list;
  for (const MacAddress& mac : macs) list.push_back(dpdk_mac(mac));
  return rte_eth_dev_set_mc_addr_list(port_, list.data(), static_cast<std::uint32_t>(list.size()));
}

int EthdevFilter::all_multicasts() { return rte_eth_allmulticast_enable(port_); }

int EthdevFilter::promiscuous() { return rte_eth_promiscuous_enable(port_); }

}  // namespace tandem
