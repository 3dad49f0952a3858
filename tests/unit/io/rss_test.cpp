// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/rss.h"

#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_thash.h>

#include <random>

#include "dataplane/io/mempool.h"
#include "dataplane/io/port.h"
#include "tests/unit/io/small_eal.h"

namespace tandem {
namespace {

constexpr std::uint64_t kTcpAndUdp = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
constexpr std::uint64_t kSource = RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L4_SRC_ONLY;

TEST(Rss, TheKeyRepeatsEverySixteenBits) {
  const RssKey key = symmetric_rss_key();
  for (std::size_t i = 2; i < key.size(); ++i) EXPECT_EQ(key[i], key[i - 2]);
  EXPECT_NE(key[0], key[1]);
}

TEST(Rss, OneEndAloneIsAskedForWhereTheDeviceNamesBothItsFields) {
  EXPECT_EQ(rss_bits(RssFields::source, kTcpAndUdp | kSource), kTcpAndUdp | kSource);
  EXPECT_EQ(rss_bits(RssFields::flow, kTcpAndUdp | kSource), kTcpAndUdp);
  EXPECT_EQ(rss_bits(RssFields::destination, kTcpAndUdp | kSource), kTcpAndUdp) << "the device has the other end alone";
  EXPECT_EQ(rss_bits(RssFields::source, kTcpAndUdp | RTE_ETH_RSS_L3_SRC_ONLY), kTcpAndUdp) << "an address without its port is another hash";
  EXPECT_EQ(rss_bits(RssFields::source, kSource), 0U) << "no packet type it could hash";
}

TEST(Rss, ADeviceWithoutItIsAskedForNothing) {
  rte_eth_dev_info info{};
  rte_eth_conf conf{};
  EXPECT_FALSE(Rss{RssFields::flow}.request(info, conf));
  EXPECT_EQ(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_NONE);
  info.flow_type_rss_offloads = kTcpAndUdp, info.hash_key_size = 80;
  EXPECT_FALSE(Rss{RssFields::flow}.request(info, conf)) << "a key longer than ours would be read beyond its end";
}

TEST(Rss, TheKeyIsAsLongAsTheDeviceSays) {
  rte_eth_dev_info info{};
  info.flow_type_rss_offloads = kTcpAndUdp, info.hash_key_size = 52;
  rte_eth_conf conf{};
  Rss rss{RssFields::flow};
  ASSERT_TRUE(rss.request(info, conf));
  EXPECT_EQ(conf.rx_adv_conf.rss_conf.rss_key_len, 52);
  EXPECT_EQ(conf.rx_adv_conf.rss_conf.rss_key[51], 0x5a);
}

// The library's way, bit by bit over the whole tuple and with the whole key, comes to the same.
TEST(Rss, SoftwareFoldsToTheHashOfTheWholeTuple) {
  const RssKey key = symmetric_rss_key();
  std::mt19937 random{5};
  for (int round = 0; round < 2000; ++round) {
    std::array<std::uint32_t, 3> tuple{};  // source, destination, both ports: as rte_softrss takes them, in the host's order
    for (std::uint32_t& word : tuple) word = static_cast<std::uint32_t>(random());
    const IpAddress source{Ipv4Address{Be32{tuple[0]}}}, target{Ipv4Address{Be32{tuple[1]}}};
    const auto ports = static_cast<std::uint16_t>(tuple[2] >> 16 ^ tuple[2]);
    EXPECT_EQ(symmetric_hash(static_cast<std::uint16_t>(fold_address(source) ^ fold_address(target) ^ ports)),
              rte_softrss(tuple.data(), 3, key.data()));
  }
}

// net_null has fields, key and table, and keeps what it is given, though no packet ever asks for them.
class RssOfAPort : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(small_eal());
    pool_ = *create_pool("rss", {.buffers = 4096, .data_room_bytes = 2176, .bytes = 0});
  }
  void TearDown() override { free_pool(pool_); }
  std::vector<PortTrait> traits(RssFields fields, unsigned workers) const {
    const Result<std::unique_ptr<Port>> port = Port::open({.id = PortId{0},
                                                           .options = {.name = "outside", .device = "null", .rss = fields},
                                                           .device = *parse_device("null"),
                                                           .workers = workers,
                                                           .pool = pool_});
    EXPECT_TRUE(port) << port.error().message;
    return port ? (*port)->state().traits : std::vector<PortTrait>{};
  }
  static const PortTrait* find(const std::vector<PortTrait>& traits, std::string_view what) {
    for (const PortTrait& trait : traits)
      if (trait.what == what) return &trait;
    return nullptr;
  }

  rte_mempool* pool_ = nullptr;
};

TEST_F(RssOfAPort, KeyAndTableAreSetAndReadBack) {
  const std::vector<PortTrait> all = traits(RssFields::flow, 3);
  const PortTrait* const table = find(all, "RSS table");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(*table, (PortTrait{"RSS table", "3 queues in turn", "128 entries, in turn", true}));
  const PortTrait* const key = find(all, "RSS key");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(*key, (PortTrait{"RSS key", "40 bytes, 16 bits repeated", "the same", true}));
  EXPECT_EQ(find(all, "RSS fields")->device, "addresses and ports");
}

TEST_F(RssOfAPort, WhatTheDeviceCannotIsSaid) {
  const std::vector<PortTrait> all = traits(RssFields::source, 2);
  ASSERT_NE(find(all, "RSS fields"), nullptr);
  EXPECT_EQ(*find(all, "RSS fields"), (PortTrait{"RSS fields", "source addresses and ports", "addresses and ports", false}));
}

TEST_F(RssOfAPort, OneQueueNeedsNone) {
  const std::vector<PortTrait> all = traits(RssFields::flow, 1);
  EXPECT_EQ(find(all, "RSS table"), nullptr);
  EXPECT_EQ(*find(all, "queues"), (PortTrait{"queues", "1 for 1 worker", "1 to receive, 1 to send", true}));
}

}  // namespace
}  // namespace tandem
