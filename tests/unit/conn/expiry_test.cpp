// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/conn/conn_fixture.h"

namespace tandem {
namespace {

using test::entry_of;
using test::hash_of;

// A table and its deadlines under a clock that the test moves.
class Ageing {
 public:
  explicit Ageing(std::size_t capacity, Tick start = 0)
      : table{test::make_table<ConnEntry4>(capacity)}, expiry{test::make_expiry(table.slots(), start)} {}

  ConnEntry4* open(std::uint32_t client, std::uint16_t idle_timeout) {
    ConnEntry4 entry = entry_of<ConnEntry4>(client);
    entry.touch(expiry.tick());
    ConnEntry4* made = table.insert(hash_of(entry), entry, ConnDetail{.created = client, .idle_timeout = idle_timeout}).entry;
    expiry.arm(table.handle(*made), idle_timeout);
    return made;
  }

  // Lets time come to `real` and sweeps the whole table once.
  std::size_t pass_to(Tick real) {
    expiry.advance(real);
    std::size_t expired = 0;
    for (std::size_t at = 0; at <= table.slots(); at += Expiry::kSlice) {
      expired += expiry.sweep(table, [this](ConnEntry4& entry) {
        ended[table.detail(entry).created] = expiry.tick();
        table.erase(entry);
      });
    }
    return expired;
  }

  ConnTable4 table;
  Expiry expiry;
  std::map<std::uint32_t, Tick> ended;  // by client, when
};

TEST(Expiry, AConnectionEndsInTheTickInWhichItsIdleTimeIsOverAndNotBefore) {
  Ageing age{100};
  age.open(1, 30);
  for (Tick tick = 1; tick < 30; ++tick) EXPECT_EQ(age.pass_to(tick), 0u) << tick;
  EXPECT_EQ(age.pass_to(30), 1u);
  EXPECT_EQ(age.table.size(), 0u);
}

TEST(Expiry, APacketPutsTheEndOffWithoutTouchingTheDeadline) {
  Ageing age{100};
  ConnEntry4* entry = age.open(1, 30);
  age.pass_to(20);
  entry->touch(20);
  EXPECT_EQ(age.pass_to(30), 0u);
  EXPECT_EQ(age.pass_to(49), 0u);
  EXPECT_EQ(age.pass_to(50), 1u);
}

TEST(Expiry, AShorterIdleTimeCountsFromWhenItWasSet) {
  Ageing age{100};
  ConnEntry4* entry = age.open(1, 900);
  age.pass_to(100);
  entry->touch(100);
  enter(age.table, age.expiry, *entry, Life{ConnState::reset, kSeenRst}, Timeouts{});
  EXPECT_EQ(age.pass_to(109), 0u);
  EXPECT_EQ(age.pass_to(110), 1u);
}

TEST(Expiry, OneSweepPerTickInSlicesThenNothingIsDone) {
  Ageing age{10 * Expiry::kSlice};
  for (std::uint32_t i = 0; i < 10 * Expiry::kSlice; ++i) age.open(i, 1);
  age.expiry.advance(1);
  std::size_t expired = 0, slices = 0;
  while (age.table.size() != 0) {
    const std::size_t now = age.expiry.sweep(age.table, [&](ConnEntry4& entry) { age.table.erase(entry); });
    EXPECT_LE(now, Expiry::kSlice);
    expired += now;
    ASSERT_LE(++slices, age.table.slots() / Expiry::kSlice + 1);
  }
  EXPECT_EQ(expired, 10 * Expiry::kSlice);
  EXPECT_GE(slices, 10u);
}

TEST(Expiry, AReusedSlotHasTheDeadlineOfItsNewConnection) {
  Ageing age{1};
  age.table.erase(*age.open(1, 10));
  age.expiry.advance(5);
  age.open(2, 100);
  EXPECT_EQ(age.pass_to(10), 0u);
  EXPECT_EQ(age.pass_to(104), 0u);
  EXPECT_EQ(age.pass_to(105), 1u);
}

// Every phase of the 16-bit wrap, with times from a second to the longest allowed.
TEST(Expiry, EndsEveryConnectionInItsTickThroughTwoWraps) {
  for (const Tick start : {Tick{0}, Tick{32760}, Tick{65530}, Tick{0xffff'fff0}}) {
    Ageing age{600, start};
    std::map<std::uint32_t, Tick> due;
    std::mt19937 random{start};
    std::uint32_t client = 0;
    for (Tick passed = 0; passed < 140'000; passed += static_cast<Tick>(1 + random() % 40)) {
      const Tick now = start + passed;
      age.pass_to(now);
      ASSERT_EQ(age.expiry.tick(), now);
      if (age.table.full()) continue;
      constexpr std::uint16_t kTimes[]{1, 5, 10, 60, 900, 28800, 32767};
      const std::uint16_t idle = kTimes[random() % std::size(kTimes)];
      due[client] = now + idle;
      age.open(client++, idle);
    }
    ASSERT_GT(age.ended.size(), 1000u);
    for (const auto& [who, when] : age.ended) {
      ASSERT_GE(static_cast<std::int32_t>(when - due[who]), 0) << "too early: client " << who;
      ASSERT_LE(when - due[who], 40u) << "later than the next sweep: client " << who;
    }
  }
}

TEST(Expiry, AConnectionThatSpeaksLivesThroughTheWrap) {
  Ageing age{10, 65000};
  ConnEntry4* entry = age.open(1, 900);
  for (Tick passed = 0; passed < 200'000; passed += 800) {
    ASSERT_EQ(age.pass_to(65000 + passed), 0u) << passed;
    entry->touch(age.expiry.tick());
  }
}

// After 11 h a 16-bit difference would call the first one's deadline a time to come.
TEST(Expiry, AWorkerThatWasStoppedForElevenHoursEndsWhoWasIdleAndKeepsNobodyByTheWrap) {
  Ageing age{10};
  age.open(1, 900);
  age.open(2, 28800);
  constexpr Tick kElevenHours = 40000;
  EXPECT_EQ(age.expiry.advance(kElevenHours), Expiry::kMaxTicksPerSweep) << "no further than a sweep can judge";
  age.pass_to(kElevenHours);
  EXPECT_TRUE(age.ended.contains(1));
  for (int sweeps = 0; sweeps < 6; ++sweeps) age.pass_to(kElevenHours);
  EXPECT_TRUE(age.ended.contains(2));
  EXPECT_EQ(age.expiry.tick(), kElevenHours) << "and time has caught up";
}

TEST(Expiry, TimeNeverStepsBack) {
  Ageing age{10};
  age.expiry.advance(50);
  EXPECT_EQ(age.expiry.advance(40), 50u);
}

TEST(Expiry, IdleTimesBeyondTheLongestAreCut) {
  Ageing age{10};
  age.open(1, 65535);
  EXPECT_EQ(age.pass_to(16000), 0u);
  EXPECT_EQ(age.pass_to(32000), 0u);
}

}  // namespace
}  // namespace tandem
