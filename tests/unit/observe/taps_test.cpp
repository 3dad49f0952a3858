// SPDX-License-Identifier: Apache-2.0
// What a capture sees of a worker's packets, and what it costs those who are not watched.
#include <gtest/gtest.h>

#include "dataplane/observe/taps.h"
#include "dataplane/observe/watch_keeper.h"
#include "tests/support/buffers.h"

namespace tandem::test {
namespace {

constexpr std::uint8_t kAll = 0xf;
constexpr PortId kOne{1};

class Watched : public testing::Test {
 protected:
  Watched() {
    for (std::size_t i = 0; i < 4; ++i)
      frames_.push_back(to_mbuf(frame().eth("02:00:00:00:00:01", "02:00:00:00:aa:05").payload(100 + i).bytes()));
  }
  ~Watched() override {
    for (rte_mbuf* each : frames_) rte_pktmbuf_free(each);
  }

  void begin(const CaptureWish& wish) {
    ASSERT_TRUE(keeper_.begin_capture(wish));
    taps_.begin_turn(now_);
  }
  std::vector<std::string> seen() {
    std::vector<std::string> out;
    keeper_.take_captured(1 << 20, [&](const CaptureHead& head, std::span<const std::byte> bytes) {
      std::string line{kTapPointNames[static_cast<std::size_t>(head.point)]};
      line += " " + std::to_string(head.frame_bytes) + "/" + std::to_string(bytes.size());
      if (head.reason < DropReason::count_) line += " " + std::string{name_of(head.reason)};
      out.push_back(line);
    });
    return out;
  }
  using Lines = std::vector<std::string>;

  Instant now_{std::chrono::seconds{5}};
  WatchBoard board_{1};
  WatchKeeper keeper_{board_, 1};
  Taps taps_{WorkerId{0}, &board_};
  std::vector<rte_mbuf*> frames_;
};

TEST_F(Watched, NobodyLooksOn) {
  taps_.begin_turn(now_);
  EXPECT_FALSE(taps_.on());
  taps_.received(kOne, frames_), taps_.dropped(kOne, frames_[0], DropReason::no_service);
  EXPECT_EQ(seen(), Lines{});
  Taps nowhere{WorkerId{0}, nullptr};
  nowhere.begin_turn(now_);
  EXPECT_FALSE(nowhere.on());
}

TEST_F(Watched, EachPointIsSeenAsWhatItIs) {
  begin({.points = kAll});
  taps_.received(kOne, std::span{frames_}.first(1));
  taps_.punted(kOne, frames_[1]);
  taps_.dropped(kPortUnknown, frames_[2], DropReason::handover_full);
  EXPECT_EQ(seen(), (Lines{"rx 114/114", "punt 115/115", "drop 116/116 handover_full"}));
}

TEST_F(Watched, OnlyWhatIsWanted) {
  begin({.points = 1U << static_cast<unsigned>(TapPoint::drop), .ports = 1U << index(kOne)});
  taps_.received(kOne, frames_);
  taps_.dropped(PortId{0}, frames_[0], DropReason::no_service);
  taps_.dropped(kPortUnknown, frames_[0], DropReason::no_service);
  taps_.dropped(kOne, frames_[0], DropReason::no_service);
  EXPECT_EQ(seen(), Lines{"drop 114/114 no_service"});
}

TEST_F(Watched, NoMoreOfAFrameThanIsAskedFor) {
  begin({.points = kAll, .snap_bytes = 20});
  taps_.received(kOne, std::span{frames_}.first(1));
  EXPECT_EQ(seen(), Lines{"rx 114/20"});
}

TEST_F(Watched, WhatAQueueDidNotTakeWasNotSent) {
  begin({.points = kAll});
  taps_.offer(kOne, frames_), taps_.taken(2);
  EXPECT_EQ(seen(), (Lines{"tx 114/114", "tx 115/115"}));
  taps_.offer(kOne, frames_), taps_.taken(0);
  EXPECT_EQ(seen(), Lines{});
  taps_.received(kOne, std::span{frames_}.first(1));
  EXPECT_EQ(seen(), Lines{"rx 114/114"}) << "and what comes later is whole";
}

TEST_F(Watched, WhatMightHaveBeenDroppedAndWasNotIsNotSeen) {
  begin({.points = kAll});
  taps_.may_punt(kOne, frames_[0]), taps_.did(false);
  EXPECT_EQ(seen(), Lines{});
  taps_.may_punt(kOne, frames_[0]), taps_.did(true);
  EXPECT_EQ(seen(), Lines{"punt 114/114"});
}

TEST_F(Watched, AFloodIsCutAndCounted) {
  begin({.points = kAll, .ring_bytes = 8 << 20});
  constexpr std::size_t kRounds = 2 * Taps::kBytesPerLoop / 4 / 114;
  for (std::size_t i = 0; i < kRounds; ++i) taps_.received(kOne, frames_);
  const CaptureTotals first = keeper_.capture_totals();
  EXPECT_EQ(first.seen, 4 * kRounds);
  EXPECT_GT(first.lost, first.seen / 3) << "one loop copies so much at most";
  EXPECT_EQ(seen().size(), first.seen - first.lost);
  taps_.begin_turn(now_);
  taps_.received(kOne, frames_);
  EXPECT_EQ(keeper_.capture_totals().lost, first.lost) << "the next loop begins anew";
}

TEST_F(Watched, WithoutRoomPacketsAreLostAndNobodyWaits) {
  begin({.points = kAll, .ring_bytes = 1});  // the smallest there is
  for (int i = 0; i < 2000; ++i) taps_.begin_turn(now_), taps_.received(kOne, frames_);
  const CaptureTotals totals = keeper_.capture_totals();
  EXPECT_GT(totals.lost, 0U);
  EXPECT_EQ(seen().size(), totals.seen - totals.lost);
}

TEST_F(Watched, AStoppedCaptureIsReadToItsEnd) {
  begin({.points = kAll});
  taps_.received(kOne, std::span{frames_}.first(2));
  keeper_.stop_capture();
  taps_.begin_turn(now_);
  EXPECT_FALSE(taps_.on());
  EXPECT_EQ(seen().size(), 2U);
}

TEST_F(Watched, AFilterThatIsNoneIsRefused) { EXPECT_FALSE(keeper_.begin_capture({.points = kAll, .filter = {{0xffff, 9, 9, 9}}})); }

}  // namespace
}  // namespace tandem::test
