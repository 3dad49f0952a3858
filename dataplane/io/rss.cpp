// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/rss.h"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <bit>
#include <string>

namespace tandem {

namespace {

constexpr std::uint64_t kTypes = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP |
                                 RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP;
constexpr std::uint64_t kSource = RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L4_SRC_ONLY;
constexpr std::uint64_t kDestination = RTE_ETH_RSS_L3_DST_ONLY | RTE_ETH_RSS_L4_DST_ONLY;
constexpr std::uint8_t kUsualKeyBytes = 40;

std::uint64_t only_bits(RssFields fields) {
  switch (fields) {
    case RssFields::source:
      return kSource;
    case RssFields::destination:
      return kDestination;
    case RssFields::flow:
      break;
  }
  return 0;
}

std::string words_of(std::uint64_t bits) {
  if ((bits & kTypes) == 0) return "none";
  const bool ports = (bits & ~(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6) & kTypes) != 0;
  const std::string fields = ports ? "addresses and ports" : "addresses";
  if ((bits & kSource) == kSource) return "source " + fields;
  return (bits & kDestination) == kDestination ? "destination " + fields : fields;
}

std::string text_of(int error) { return rte_strerror(error < 0 ? -error : error); }

struct ReadKey {
  RssKey bytes{};
  std::uint64_t fields = 0;
  int error = 0;
};

ReadKey read_back(std::uint16_t dpdk_port, std::uint8_t key_bytes) {
  ReadKey read;
  rte_eth_rss_conf conf{};
  conf.rss_key = read.bytes.data(), conf.rss_key_len = key_bytes;
  read.error = rte_eth_dev_rss_hash_conf_get(dpdk_port, &conf);
  read.fields = conf.rss_hf;
  return read;
}

using RedirectionTable = std::vector<rte_eth_rss_reta_entry64>;

RedirectionTable whole_table(std::uint16_t entries) {
  RedirectionTable table((entries + RTE_ETH_RETA_GROUP_SIZE - 1U) / RTE_ETH_RETA_GROUP_SIZE);
  for (std::uint16_t i = 0; i < entries; ++i) table[i / RTE_ETH_RETA_GROUP_SIZE].mask |= std::uint64_t{1} << i % RTE_ETH_RETA_GROUP_SIZE;
  return table;
}

std::uint16_t& entry_of(RedirectionTable& table, std::uint16_t i) {
  return table[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
}

bool goes_in_turn(RedirectionTable& table, std::uint16_t entries, unsigned queues) {
  for (std::uint16_t i = 0; i < entries; ++i)
    if (entry_of(table, i) != i % queues) return false;
  return true;
}

}  // namespace

RssKey symmetric_rss_key() {
  RssKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = i % 2 == 0 ? 0x6d : 0x5a;
  return key;
}

std::uint32_t symmetric_hash(std::uint16_t folded) {
  const RssKey key = symmetric_rss_key();
  const auto word = static_cast<std::uint16_t>(key[0] << 8 | key[1]);
  std::uint16_t hash = 0;
  for (int bit = 0; bit < 16; ++bit)
    if ((folded & 0x8000 >> bit) != 0) hash = static_cast<std::uint16_t>(hash ^ std::rotl(word, bit));
  return std::uint32_t{hash} << 16 | hash;
}

std::uint16_t fold_address(const IpAddress& address) {
  unsigned folded = 0;
  for (std::size_t i = address.family == Family::ipv4 ? 12 : 0; i < address.bytes.size(); i += 2)
    folded ^= static_cast<unsigned>(address.bytes[i]) << 8 | address.bytes[i + 1];
  return static_cast<std::uint16_t>(folded);
}

std::uint64_t rss_bits(RssFields fields, std::uint64_t possible) {
  const std::uint64_t types = possible & kTypes, only = only_bits(fields);
  return types != 0 && (possible & only) == only ? types | only : types;
}

bool Rss::request(const rte_eth_dev_info& device, rte_eth_conf& conf) {
  bits_ = rss_bits(fields_, device.flow_type_rss_offloads);
  if (bits_ == 0 || device.hash_key_size > key_.size()) return false;
  conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
  conf.rx_adv_conf.rss_conf.rss_hf = bits_;
  key_bytes_ = device.hash_key_size != 0 ? device.hash_key_size : kUsualKeyBytes;  // 0: the driver does not say
  if (device.hash_key_size != 0) conf.rx_adv_conf.rss_conf.rss_key = key_.data(), conf.rx_adv_conf.rss_conf.rss_key_len = key_bytes_;
  return true;
}

std::vector<PortTrait> Rss::settle(std::uint16_t dpdk_port, unsigned queues) {
  PortTrait key = settle_key(dpdk_port);  // some drivers take it only now, and the fields with it
  return {settle_fields(dpdk_port), std::move(key), settle_table(dpdk_port, queues)};
}

PortTrait Rss::settle_fields(std::uint16_t dpdk_port) {
  const std::string asked = words_of(kTypes | only_bits(fields_));
  const ReadKey read = read_back(dpdk_port, key_bytes_);
  if (read.error != 0) return {"RSS fields", asked, words_of(bits_) + " (not read back: " + text_of(read.error) + ")", false};
  taken_ = read.fields & bits_;
  const std::string has = words_of(taken_);
  return {"RSS fields", asked, has, has == asked};
}

PortTrait Rss::settle_key(std::uint16_t dpdk_port) {
  const auto is_ours = [&](const ReadKey& read) { return std::equal(read.bytes.begin(), read.bytes.begin() + key_bytes_, key_.begin()); };
  const std::string asked = std::to_string(key_bytes_) + " bytes, 16 bits repeated";
  ReadKey read = read_back(dpdk_port, key_bytes_);
  if (read.error != 0) return {"RSS key", asked, "not told, " + text_of(read.error), false};
  if (!is_ours(read)) {
    rte_eth_rss_conf conf{};
    conf.rss_key = key_.data(), conf.rss_key_len = key_bytes_, conf.rss_hf = bits_;
    rte_eth_dev_rss_hash_update(dpdk_port, &conf);
    read = read_back(dpdk_port, key_bytes_);
  }
  key_is_ours_ = is_ours(read);
  return {"RSS key", asked, key_is_ours_ ? "the same" : "its own: a flow's two directions come by different queues", key_is_ours_};
}

PortTrait Rss::settle_table(std::uint16_t dpdk_port, unsigned queues) {
  const std::string asked = std::to_string(queues) + " queues in turn";
  rte_eth_dev_info info{};
  if (rte_eth_dev_info_get(dpdk_port, &info) != 0 || info.reta_size == 0) return {"RSS table", asked, "none that can be set", false};
  RedirectionTable table = whole_table(info.reta_size);
  for (std::uint16_t i = 0; i < info.reta_size; ++i) entry_of(table, i) = static_cast<std::uint16_t>(i % queues);
  const int set = rte_eth_dev_rss_reta_update(dpdk_port, table.data(), info.reta_size);
  table = whole_table(info.reta_size);
  const std::string entries = std::to_string(info.reta_size) + " entries";
  if (const int got = rte_eth_dev_rss_reta_query(dpdk_port, table.data(), info.reta_size); got != 0)
    return {"RSS table", asked, entries + (set == 0 ? ", set" : ", not set, " + text_of(set)) + ", not read back", false};
  const bool right = goes_in_turn(table, info.reta_size, queues);
  if (right) entries_ = info.reta_size, queues_ = queues;
  return {"RSS table", asked, entries + (right ? ", in turn" : ", otherwise"), right};
}

std::optional<unsigned> Rss::queue_of(const IpAddress& source, std::uint16_t source_port, const IpAddress& target,
                                      std::uint16_t target_port) const {
  if (!key_is_ours_ || entries_ == 0) return std::nullopt;
  unsigned folded = 0;
  if ((taken_ & kDestination) == 0) folded ^= fold_address(source) ^ source_port;
  if ((taken_ & kSource) == 0) folded ^= fold_address(target) ^ target_port;
  return symmetric_hash(static_cast<std::uint16_t>(folded)) % entries_ % queues_;
}

}  // namespace tandem
