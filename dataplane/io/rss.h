// SPDX-License-Identifier: Apache-2.0
// How a NIC spreads flows over its queues. The key repeats every 16 bits, which makes Toeplitz symmetric (Woo and Park,
// "Scalable TCP Session Monitoring with Symmetric Receive-side Scaling", 2012): both directions of a flow, and any software
// that folds by the same key, come to the same queue.
#pragma once

#include <array>
#include <cstdint>

struct rte_eth_conf;
struct rte_eth_dev_info;

namespace tandem {

inline constexpr std::size_t kRssKeyBytesMax = 64;
std::array<std::uint8_t, kRssKeyBytesMax> symmetric_rss_key();

// Asks for RSS over addresses and ports as far as the device can. False: it cannot; frames come as the device likes.
// `key` must outlive rte_eth_dev_configure.
bool request_rss(const rte_eth_dev_info& device, std::array<std::uint8_t, kRssKeyBytesMax>& key, rte_eth_conf& conf);

}  // namespace tandem
