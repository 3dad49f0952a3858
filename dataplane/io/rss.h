// SPDX-License-Identifier: Apache-2.0
// How a NIC spreads flows over its queues. The key repeats every 16 bits, which makes Toeplitz symmetric (Woo and Park,
// "Scalable TCP Session Monitoring with Symmetric Receive-side Scaling", 2012): both directions of a flow, and any software
// that folds by the same key, come to the same queue. Drivers differ in what they take, so everything is read back.
// Threads: the control thread that owns the port.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/net/address.h"
#include "dataplane/io/port_state.h"

struct rte_eth_conf;
struct rte_eth_dev_info;

namespace tandem {

inline constexpr std::size_t kRssKeyBytesMax = 64;
using RssKey = std::array<std::uint8_t, kRssKeyBytesMax>;
RssKey symmetric_rss_key();

// Toeplitz by that key of any input whose 16-bit words' exclusive-or is `folded`: their order and places do not matter.
std::uint32_t symmetric_hash(std::uint16_t folded);
// The exclusive-or of an address's words (IPv4: two, IPv6: eight).
std::uint16_t fold_address(const IpAddress& address);

// DPDK's bits (RTE_ETH_RSS_…) of what the device can of what is wanted; 0: it has no RSS. Source or destination alone are asked for
// only of a device that names both, since half of them would be another hash.
std::uint64_t rss_bits(RssFields fields, std::uint64_t possible);

// Of one port, from before rte_eth_dev_configure, which reads the key from here, until after rte_eth_dev_start.
class Rss {
 public:
  explicit Rss(RssFields fields) : fields_{fields}, key_{symmetric_rss_key()} {}

  // False: the device has none; frames come as it likes.
  bool request(const rte_eth_dev_info& device, rte_eth_conf& conf);
  // Sets the table, entry i to queue i mod queues, and tells what was asked for and what the device has made of it.
  std::vector<PortTrait> settle(std::uint16_t dpdk_port, unsigned queues);
  // Where a packet of TCP or UDP must arrive. None: the device's key or table is not known to be ours.
  std::optional<unsigned> queue_of(const IpAddress& source, std::uint16_t source_port, const IpAddress& target,
                                   std::uint16_t target_port) const;

 private:
  PortTrait settle_fields(std::uint16_t dpdk_port);
  PortTrait settle_key(std::uint16_t dpdk_port);
  PortTrait settle_table(std::uint16_t dpdk_port, unsigned queues);

  RssFields fields_;
  RssKey key_;
  std::uint64_t bits_ = 0;
  std::uint8_t key_bytes_ = 0;
  // As read back.
  std::uint64_t taken_ = 0;
  bool key_is_ours_ = false;
  unsigned entries_ = 0, queues_ = 0;  // entries_: of a table that goes in turn
};

}  // namespace tandem
