// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <vector>

#include "tests/unit/conn/conn_fixture.h"

namespace tandem {
namespace {

using test::entry_of;
using test::hash_of;

ConnEntry4* insert(ConnTable4& table, const ConnEntry4& entry) { return table.insert(hash_of(entry), entry, {}).entry; }

TEST(ConnTable, AMillionConnectionsAreFoundFromBothSidesAndNoGroupIsEverFull) {
  constexpr std::uint32_t kMany = 1'000'000;
  ConnTable4 table = test::make_table<ConnEntry4>(kMany);
  for (std::uint32_t i = 0; i < kMany; ++i) ASSERT_NE(insert(table, entry_of<ConnEntry4>(i)), nullptr) << i;
  EXPECT_TRUE(table.full());
  for (std::uint32_t i = 0; i < kMany; ++i) {
    const ConnEntry4 entry = entry_of<ConnEntry4>(i);
    ConnEntry4* found = table.find(hash_of(entry), entry.client_key(), Direction::from_client);
    ASSERT_NE(found, nullptr);
    ASSERT_EQ(found, table.find(hash_of(entry), entry.reply_key(), Direction::from_backend));
  }
  EXPECT_EQ(table.insert(hash_of(entry_of<ConnEntry4>(kMany)), entry_of<ConnEntry4>(kMany), {}).failure, InsertFailure::table_full);
}

TEST(ConnTable, OneClientPortOpenToTwoVipsIsRefusedTheSameBackendButNotAnother) {
  ConnTable4 table = test::make_table<ConnEntry4>(100);
  ASSERT_NE(insert(table, entry_of<ConnEntry4>(7, 1, 1)), nullptr);
  const ConnEntry4 other_vip = entry_of<ConnEntry4>(7, 2, 1);
  EXPECT_EQ(table.insert(hash_of(other_vip), other_vip, {}).failure, InsertFailure::reply_key_taken);
  EXPECT_NE(insert(table, entry_of<ConnEntry4>(7, 2, 2)), nullptr);
}

TEST(ConnTable, OneWayMethodsShareABackendFreelyBecauseNoReplyPassesUs) {
  ConnTable4 table = test::make_table<ConnEntry4>(100);
  for (std::uint32_t vip = 1; vip <= 3; ++vip) {
    ConnEntry4 entry = entry_of<ConnEntry4>(7, vip, 1);
    entry.method = ForwardingMethod::l2_dsr;
    EXPECT_NE(insert(table, entry), nullptr) << vip;
  }
}

TEST(ConnTable, HalfOpenConnectionsHoldAtMostAQuarter) {
  ConnTable4 table = test::make_table<ConnEntry4>(100);
  for (std::uint32_t i = 0; i < 25; ++i) {
    EXPECT_EQ(table.under_pressure(), i >= 19) << "three quarters of the quota are 19 of 25, at " << i;
    ASSERT_NE(insert(table, entry_of<ConnEntry4>(i, 1, 1, ConnState::half_open)), nullptr);
  }
  const ConnEntry4 next = entry_of<ConnEntry4>(25, 1, 1, ConnState::half_open);
  EXPECT_EQ(table.insert(hash_of(next), next, {}).failure, InsertFailure::half_open_quota);
  EXPECT_NE(insert(table, entry_of<ConnEntry4>(26)), nullptr) << "others still find room";
  table.change_state(*table.find(hash_of(entry_of<ConnEntry4>(0)), entry_of<ConnEntry4>(0).client_key(), Direction::from_client),
                     ConnState::established);
  EXPECT_NE(insert(table, next), nullptr) << "one has been established, so there is room for one more";
}

TEST(ConnTable, AtNinetyPercentItIsUnderPressure) {
  ConnTable4 table = test::make_table<ConnEntry4>(100);
  for (std::uint32_t i = 0; i < 89; ++i) insert(table, entry_of<ConnEntry4>(i));
  EXPECT_FALSE(table.under_pressure());
  insert(table, entry_of<ConnEntry4>(89));
  EXPECT_TRUE(table.under_pressure());
}

// 50 connections lie in 75 slots: one search sees all of them.
TEST(ConnTable, WhenFullHalfOpenGoFirstThenClosedThenClosingThenUdpThenEstablishedAndNeverExceptionsThatConverse) {
  ConnTable4 table = test::make_table<ConnEntry4>(50);
  const std::array states{ConnState::established, ConnState::udp_two_way, ConnState::time_wait, ConnState::half_open,
                          ConnState::fin_wait,    ConnState::udp_one_way, ConnState::reset};
  std::uint32_t client = 0;
  for (const ConnState state : states) {
    for (int i = 0; i < 5; ++i) ASSERT_NE(insert(table, entry_of<ConnEntry4>(client++, 1, 1, state)), nullptr);
  }
  for (int i = 0; i < 10; ++i) {
    ConnEntry4 entry = entry_of<ConnEntry4>(client++, 1, 1, i < 5 ? ConnState::udp_two_way : ConnState::established);
    if (i % 2 == 0) entry.flags = kConnException;
    else entry.method = ForwardingMethod::full_nat;
    ASSERT_NE(insert(table, entry), nullptr);
  }
  const auto rank = [](ConnState state) {
    static const std::map<ConnState, int> order{{ConnState::half_open, 0},  {ConnState::reset, 1},       {ConnState::time_wait, 1},
                                                {ConnState::fin_wait, 2},   {ConnState::udp_one_way, 3}, {ConnState::udp_two_way, 4},
                                                {ConnState::established, 5}};
    return order.at(state);
  };
  int last = 0;
  for (std::size_t i = 0; i < 5 * states.size(); ++i) {
    ConnEntry4* victim = table.find_victim();
    ASSERT_NE(victim, nullptr);
    EXPECT_FALSE(victim->is(kConnException));
    EXPECT_NE(victim->method, ForwardingMethod::full_nat);
    EXPECT_GE(rank(victim->state), last) << "somebody less worth keeping was still there, at " << i;
    last = rank(victim->state);
    table.erase(*victim);
  }
  EXPECT_EQ(table.find_victim(), nullptr) << "only exceptions and full-nat are left";
  EXPECT_EQ(table.size(), 10u);
}

TEST(ConnTable, InALargeTableEachSearchIsBoundedAndGoesOnWhereTheLastOneEnded) {
  ConnTable4 table = test::make_table<ConnEntry4>(10'000);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    ConnEntry4 entry = entry_of<ConnEntry4>(i);
    entry.flags = kConnException;
    if (i == 0) entry.flags = 0;
    insert(table, entry);
  }
  std::size_t searches = 1;
  while (table.find_victim() == nullptr) ASSERT_LE(++searches, table.slots() / ConnTable4::kEvictionSearch + 1);
}

TEST(ConnTable, WhoGoesLastIsTheVictimOnlyWhereNobodyElseIs) {
  ConnTable4 table = test::make_table<ConnEntry4>(80);
  for (std::uint32_t i = 0; i < 40; ++i) {
    ConnEntry4 entry = entry_of<ConnEntry4>(i, 1, 1, i < 20 ? ConnState::half_open : ConnState::established);
    if (i < 20) entry.flags = kConnSynced;
    ASSERT_NE(insert(table, entry), nullptr);
  }
  const auto goes_last = [](ConnEntry4& entry) { return entry.is(kConnSynced); };
  for (int i = 0; i < 20; ++i) {
    ConnEntry4* victim = table.find_victim(goes_last);
    ASSERT_NE(victim, nullptr);
    EXPECT_EQ(victim->state, ConnState::established) << "though half-open ones would go first";
    table.erase(*victim);
  }
  ASSERT_NE(table.find_victim(goes_last), nullptr);
}

TEST(ConnTable, AWalkInSlicesSeesEachConnectionOnceThoughOthersComeAndGo) {
  ConnTable4 table = test::make_table<ConnEntry4>(2000);
  std::set<std::uint32_t> lasting;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    ASSERT_NE(insert(table, entry_of<ConnEntry4>(i)), nullptr);
    lasting.insert(static_cast<std::uint32_t>(entry_of<ConnEntry4>(i).client_port.host()));
  }
  std::map<std::uint32_t, int> seen;
  std::uint32_t client = 1000;
  for (std::size_t at = 0; at < table.slots();) {
    at = table.walk(at, 100, [&](ConnEntry4& entry) { ++seen[entry.client_port.host()]; });
    for (int i = 0; i < 40; ++i) insert(table, entry_of<ConnEntry4>(client++));
  }
  for (const std::uint32_t one : lasting) EXPECT_EQ(seen[one], 1) << one;
  for (const auto& [one, times] : seen) EXPECT_EQ(times, 1) << one;
}

TEST(ConnTable, AWalkerMayEraseWhatItIsShown) {
  ConnTable4 table = test::make_table<ConnEntry4>(500);
  for (std::uint32_t i = 0; i < 500; ++i) insert(table, entry_of<ConnEntry4>(i));
  for (std::size_t at = 0; at < table.slots();) at = table.walk(at, 64, [&](ConnEntry4& entry) { table.erase(entry); });
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.find_victim(), nullptr);
}

TEST(ConnTable, AHandleNamesItsConnectionUntilThatEnds) {
  ConnTable4 table = test::make_table<ConnEntry4>(100);
  ConnEntry4* entry = insert(table, entry_of<ConnEntry4>(1));
  const ConnHandle handle = table.handle(*entry);
  EXPECT_EQ(table.at(handle), entry);
  table.erase(*entry);
  EXPECT_EQ(table.at(handle), nullptr);
  EXPECT_EQ(table.at(kNoConn), nullptr);
}

TEST(ConnTable, WhenThoseWhoFoundNoRoomAtHomeAreGoneNobodySearchesFurther) {
  constexpr TableHash kHash = 0x12345678;
  ConnTable4 table = test::make_table<ConnEntry4>(600);
  std::vector<ConnEntry4*> crowd;
  for (std::uint32_t i = 0; i < 100; ++i) crowd.push_back(table.insert(kHash, entry_of<ConnEntry4>(i), {}).entry);
  EXPECT_EQ(table.candidate(kHash + 1).step, 1) << "another client of the same group must look further, its own way";
  for (ConnEntry4* entry : crowd) table.erase(*entry);
  EXPECT_EQ(table.candidate(kHash + 1).step, 0);
}

// More pass their first group over than its byte can count; all go their own ways, so there is room.
TEST(ConnTable, AnOverflowByteThatCannotCountAllForgetsNobody) {
  ConnTable4 table = test::make_table<ConnEntry4>(60'000);
  const std::uint64_t groups = table.slots() / kGroupSlots, first = (std::uint64_t{1000} << 32) / groups + 1;
  const auto hash = [&](std::uint32_t i) { return TableHash{first + i * 997}; };
  constexpr std::uint32_t kMany = 600;
  ASSERT_EQ((hash(kMany) * groups) >> 32, 1000u) << "all begin at the same group";
  std::vector<ConnEntry4*> crowd;
  for (std::uint32_t i = 0; i < kMany; ++i) crowd.push_back(table.insert(hash(i), entry_of<ConnEntry4>(i), {}).entry);
  for (std::uint32_t i = 0; i < kMany - 50; ++i) table.erase(*crowd[i]);
  for (std::uint32_t i = kMany - 50; i < kMany; ++i) {
    EXPECT_EQ(table.find(hash(i), entry_of<ConnEntry4>(i).client_key(), Direction::from_client), crowd[i]) << i;
  }
}

TEST(ConnTable, TheSmallestTableWorks) {
  ConnTable4 table = test::make_table<ConnEntry4>(1);
  ConnEntry4* entry = insert(table, entry_of<ConnEntry4>(1));
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(insert(table, entry_of<ConnEntry4>(2)), nullptr);
  EXPECT_EQ(table.find_victim(), entry);
  table.erase(*entry);
  EXPECT_NE(insert(table, entry_of<ConnEntry4>(2)), nullptr);
}

}  // namespace
}  // namespace tandem
