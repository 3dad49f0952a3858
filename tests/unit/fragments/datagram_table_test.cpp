// SPDX-License-Identifier: Apache-2.0
// The table of datagrams against one that keeps everything in maps and sets, through long random stories; then its bounds.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "dataplane/fragments/datagram_table.h"
#include "tests/support/slow_datagrams.h"

namespace tandem {
namespace {

using Kind = DatagramTable::Admission::Kind;

DatagramKey key_of(std::uint64_t name) { return {name, 0, 0, 0, 0}; }
std::uint64_t hash_of(std::uint64_t name) { return name % 3; }  // three buckets, so that chains are long

// Buffers are numbers here: nobody looks into them.
rte_mbuf* buffer(std::uintptr_t number) { return reinterpret_cast<rte_mbuf*>(number); }

FlowPorts flow_of(std::uint64_t name) { return {Be16{static_cast<std::uint16_t>(name)}, Be16{53}, 17}; }

Fragment piece(std::uint64_t name, std::uint32_t from, std::uint32_t to, bool more) {
  Fragment made;
  made.from = from, made.to = to, made.more = more;
  if (made.is_first()) made.flow = flow_of(name);
  return made;
}

class Story {
 public:
  explicit Story(std::uint32_t seed) : random_{seed} {}

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
      if (pick(50) == 0) pass_time();
      else come();
      compare();
    }
  }

  std::map<Kind, int> said;
  std::map<DropReason, int> reasons;

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  // Mostly pieces of eight bytes out of twenty, so that many fit and some do not.
  void come() {
    const std::uint64_t name = 1 + pick(40);
    const std::uint32_t from = 8 * pick(pick(4) == 0 ? 40 : 6);
    const Fragment fragment = piece(name, from, from + (pick(20) == 0 ? 16 : 8), pick(8) != 0);
    ++number_;
    const auto fast = table_.admit(key_of(name), hash_of(name), fragment, buffer(number_), now_);
    const test::SlowDatagrams::Said slow = slow_.admit(name, fragment, number_, now_);
    ASSERT_EQ(fast.kind, slow.kind) << "fragment " << number_;
    ASSERT_EQ(fast.reason, slow.reason) << "fragment " << number_;
    if (fast.kind == Kind::traced) {
      ASSERT_EQ(fast.flow.source, flow_of(name).source);
    }
    ++said[fast.kind], ++reasons[fast.reason];
  }

  void pass_time() {
    now_ = now_ + std::chrono::milliseconds{100 * pick(8)};
    while (table_.expire(now_)) take();
    slow_.expire(now_);
  }

  void take() {
    for (LeavingFragment leaving; table_.take(leaving);) left_[reinterpret_cast<std::uintptr_t>(leaving.mbuf)] = leaving.reason;
  }

  void compare() {
    take();
    ASSERT_EQ(left_, slow_.left);
    for (const auto& [number, reason] : left_) ++reasons[reason];
    left_.clear(), slow_.left.clear();
    ASSERT_EQ(table_.size(), slow_.size());
  }

  std::mt19937 random_;
  DatagramTable table_;
  test::SlowDatagrams slow_;
  Instant now_;
  std::uintptr_t number_ = 0;
  std::map<std::uintptr_t, DropReason> left_;
};

TEST(DatagramTable, DoesWhatASlowOneDoes) {
  for (std::uint32_t seed = 1; seed <= 20 && !testing::Test::HasFatalFailure(); ++seed) {
    Story story{seed};
    story.run(3000);
    for (const Kind kind : {Kind::traced, Kind::held, Kind::refused}) EXPECT_GT(story.said[kind], 50) << "seed " << seed;
    for (const DropReason reason : {DropReason::overlapping_fragment, DropReason::bad_fragment, DropReason::fragment_timed_out})
      EXPECT_GT(story.reasons[reason], 5) << "seed " << seed;
  }
}

class DatagramTableBounds : public testing::Test {
 protected:
  auto come(std::uint64_t name, std::uint32_t from, bool more = true) {
    return table.admit(key_of(name), name, piece(name, from, from + 8, more), buffer(name * 100 + from), now).kind;
  }
  std::map<DropReason, std::size_t> taken() {
    std::map<DropReason, std::size_t> counts;
    for (LeavingFragment leaving; table.take(leaving);) ++counts[leaving.reason];
    return counts;
  }

  DatagramTable table;
  Instant now;
};

TEST_F(DatagramTableBounds, TheOldestThatWaitsGivesWayToOneMore) {
  for (std::uint64_t name = 1; name <= DatagramTable::kHeldMax; ++name) EXPECT_EQ(come(name, 8), Kind::held);
  EXPECT_EQ(come(9999, 8), Kind::held);
  LeavingFragment leaving;
  ASSERT_TRUE(table.take(leaving));
  EXPECT_EQ(leaving.mbuf, buffer(108));
  EXPECT_EQ(leaving.reason, DropReason::fragment_no_room);
  EXPECT_EQ(table.held(), DatagramTable::kHeldMax);
}

TEST_F(DatagramTableBounds, WhoIsTheOldestHimselfGivesWayWithAllThatHeHas) {
  for (std::uint64_t name = 1; name <= DatagramTable::kHeldMax / 8; ++name)
    for (std::uint32_t i = 1; i <= 8; ++i) EXPECT_EQ(come(name, 16 * i), Kind::held);
  EXPECT_EQ(come(1, 16 * 9), Kind::refused);
  EXPECT_EQ(taken(), (std::map<DropReason, std::size_t>{{DropReason::fragment_no_room, 8}}));
  EXPECT_EQ(come(2, 16 * 9), Kind::held);
}

TEST_F(DatagramTableBounds, MoreDatagramsThanThereIsRoomForEndTheOldest) {
  for (std::uint64_t name = 1; name <= DatagramTable::kDatagrams; ++name) EXPECT_EQ(come(name, 0), Kind::traced);
  EXPECT_EQ(table.size(), DatagramTable::kDatagrams);
  EXPECT_EQ(come(5000, 0), Kind::traced);
  EXPECT_EQ(table.size(), DatagramTable::kDatagrams);
  EXPECT_EQ(come(1, 8), Kind::held) << "nothing is known of it any more";
  EXPECT_EQ(come(5000, 8), Kind::traced);
}

TEST_F(DatagramTableBounds, WhatIsWholeNeedsNoRoom) {
  for (std::uint64_t name = 1; name <= 3 * DatagramTable::kDatagrams; ++name) {
    EXPECT_EQ(come(name, 8, false), Kind::held);
    EXPECT_EQ(come(name, 0), Kind::traced);
    EXPECT_EQ(taken(), (std::map<DropReason, std::size_t>{{DropReason::count_, 1}}));
    EXPECT_EQ(table.size(), 0U);
  }
}

TEST_F(DatagramTableBounds, ItsTimeBeginsAnewWithItsFirstFragment) {
  EXPECT_EQ(come(1, 8), Kind::held);
  now = now + std::chrono::milliseconds{999};
  EXPECT_FALSE(table.expire(now));
  EXPECT_EQ(come(1, 0), Kind::traced);
  now = now + std::chrono::milliseconds{999};
  EXPECT_FALSE(table.expire(now));
  EXPECT_EQ(come(1, 16), Kind::traced);
  now = now + std::chrono::milliseconds{1};
  EXPECT_TRUE(table.expire(now));
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace tandem
