// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "common/net/checksum.h"
#include "tests/unit/conn/conn_fixture.h"

namespace tandem {
namespace {

template <typename Entry>
class EachFamily : public testing::Test {};
using Families = testing::Types<ConnEntry4, ConnEntry6>;
TYPED_TEST_SUITE(EachFamily, Families);

TYPED_TEST(EachFamily, AnEntryAnswersToItsClientKeyAndToItsReplyKeyEachInItsDirection) {
  const TypeParam entry = test::entry_of<TypeParam>(7, 1, 2);
  EXPECT_TRUE(matches(entry, entry.client_key(), Direction::from_client));
  EXPECT_TRUE(matches(entry, entry.reply_key(), Direction::from_backend));
  EXPECT_FALSE(matches(entry, entry.client_key(), Direction::from_backend));
  EXPECT_FALSE(matches(entry, entry.reply_key(), Direction::from_client));
}

TYPED_TEST(EachFamily, EveryFieldOfAKeyCounts) {
  const TypeParam entry = test::entry_of<TypeParam>(7, 1, 2);
  for (const Direction direction : {Direction::from_client, Direction::from_backend}) {
    const auto key = direction == Direction::from_client ? entry.client_key() : entry.reply_key();
    const auto refuses = [&](auto change) {
      auto other = key;
      change(other);
      return !matches(entry, other, direction);
    };
    using Address = typename TypeParam::AddressType;
    EXPECT_TRUE(refuses([](auto& k) { k.client.address = test::address_of<Address>(99); }));
    EXPECT_TRUE(refuses([](auto& k) { k.client.port = Be16{99}; }));
    EXPECT_TRUE(refuses([](auto& k) { k.client.protocol = Protocol::udp; }));
    EXPECT_TRUE(refuses([](auto& k) { k.far = test::address_of<Address>(99); }));
    EXPECT_TRUE(refuses([](auto& k) { k.far_port = Be16{99}; }));
  }
}

TYPED_TEST(EachFamily, WhatIsNotPartOfTheKeyDoesNotMatter) {
  TypeParam entry = test::entry_of<TypeParam>(7, 1, 2);
  const auto client_key = entry.client_key(), reply_key = entry.reply_key();
  entry.state = ConnState::reset;
  entry.backend_slot = BackendSlot{1234};
  entry.client_adjacency = AdjacencyId{4321};
  entry.flags = kConnException;
  EXPECT_TRUE(matches(entry, client_key, Direction::from_client));
  EXPECT_TRUE(matches(entry, reply_key, Direction::from_backend));
}

TYPED_TEST(EachFamily, OnlyNatsRepliesCanBeMet) {
  TypeParam entry = test::entry_of<TypeParam>(7, 1, 2);
  entry.method = ForwardingMethod::l2_dsr;
  EXPECT_TRUE(matches(entry, entry.client_key(), Direction::from_client));
  EXPECT_FALSE(matches(entry, entry.reply_key(), Direction::from_backend));
}

TEST(ConnEntry, DeltasTurnTheChecksumsOfVipAndPortIntoThoseOfBackendAndPortAndBack) {
  for (std::uint32_t i = 0; i < 2000; ++i) {
    ConnEntry4 entry = test::entry_of<ConnEntry4>(i);
    entry.vip = Ipv4Address{Be32{0x9e3779b9u * (i + 1)}};
    entry.backend = Ipv4Address{Be32{0x85ebca6bu * (i + 7)}};
    entry.vip_port = Be16{static_cast<std::uint16_t>(i * 31)};
    entry.backend_port = Be16{static_cast<std::uint16_t>(i * 57 + 1)};
    entry.set_deltas();
    const Sum rest = 0x1234567, vip = sum_bytes(&entry.vip, 4), backend = sum_bytes(&entry.backend, 4);
    const Be16 ip_before = finish_checksum(rest + vip), ip_after = finish_checksum(rest + backend);
    EXPECT_EQ(apply_delta(ip_before, entry.l3_delta()).wire, ip_after.wire) << i;
    EXPECT_EQ(apply_delta(ip_after, static_cast<std::uint16_t>(~entry.l3_delta())).wire, ip_before.wire) << i;
    const Be16 tcp_before = finish_checksum(rest + vip + entry.vip_port.wire);
    const Be16 tcp_after = finish_checksum(rest + backend + entry.backend_port.wire);
    EXPECT_EQ(apply_delta(tcp_before, entry.l4_delta).wire, tcp_after.wire) << i;
    EXPECT_EQ(apply_delta(tcp_after, static_cast<std::uint16_t>(~entry.l4_delta)).wire, tcp_before.wire) << i;
  }
}

TEST(ConnEntry, LastSeenIsWrittenWhenTheTickChangedAndIdleCountsAcrossTheWrap) {
  ConnEntry4 entry;
  entry.touch(65535);
  EXPECT_EQ(entry.last_seen, 65535);
  EXPECT_EQ(entry.idle_ticks(65536 + 9), 10);
}

TEST(ConnTable, AnIpv4ConnectionTakesAtMostNinetyBytesInAll) {
  constexpr std::size_t kCapacity = 1'000'000;
  const std::size_t bytes = ConnTable4::bytes_for(kCapacity) + Expiry::bytes_for(ConnTable4::slots_for(kCapacity));
  EXPECT_LE(bytes, 90 * kCapacity);
}

}  // namespace
}  // namespace tandem
