// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/rss.h"

#include <rte_ethdev.h>

namespace tandem {

std::array<std::uint8_t, kRssKeyBytesMax> symmetric_rss_key() {
  std::array<std::uint8_t, kRssKeyBytesMax> key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = i % 2 == 0 ? 0x6d : 0x5a;
  return key;
}

bool request_rss(const rte_eth_dev_info& device, std::array<std::uint8_t, kRssKeyBytesMax>& key, rte_eth_conf& conf) {
  constexpr std::uint64_t kWanted = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP |
                                    RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP;
  const std::uint64_t possible = device.flow_type_rss_offloads & kWanted;
  if (possible == 0 || device.hash_key_size > key.size()) return false;
  conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
  conf.rx_adv_conf.rss_conf.rss_hf = possible;
  if (device.hash_key_size != 0) {  // 0: the driver does not say; its own default is used
    conf.rx_adv_conf.rss_conf.rss_key = key.data();
    conf.rx_adv_conf.rss_conf.rss_key_len = device.hash_key_size;
  }
  return true;
}

}  // namespace tandem
