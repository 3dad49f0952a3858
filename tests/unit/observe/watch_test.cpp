// SPDX-License-Identifier: Apache-2.0
// A worker never looks at what was given back.
#include <gtest/gtest.h>

#include <thread>

#include "dataplane/observe/watch.h"

namespace tandem {
namespace {

constexpr WorkerId kFirst{0}, kSecond{1};

TEST(WatchBoard, KeepsWhatAWorkerStillLooksAt) {
  WatchBoard board{2};
  EXPECT_EQ(board.look(kFirst), nullptr);
  const auto watch = std::make_shared<const Watch>();
  const std::weak_ptr<const Watch> seen = watch;
  board.put(watch);
  EXPECT_EQ(board.look(kFirst), watch.get());
  board.put(nullptr);
  EXPECT_EQ(board.kept(), 1U);
  EXPECT_EQ(board.look(kSecond), nullptr) << "who had not looked yet never will";
  board.reclaim();
  EXPECT_EQ(board.kept(), 1U);
  EXPECT_EQ(board.look(kFirst), nullptr);
  board.reclaim();
  EXPECT_EQ(board.kept(), 0U);
}

TEST(WatchBoard, ChangesUnderWorkersThatLook) {
  WatchBoard board{2};
  std::atomic<bool> stop{false};
  const auto worker = [&](WorkerId self) {
    while (!stop.load())
      if (const Watch* watch = board.look(self); watch != nullptr && watch->capture->wish.snap_bytes != 77) ADD_FAILURE();
  };
  std::thread first{worker, kFirst}, second{worker, kSecond};
  for (int i = 0; i < 300; ++i) {
    auto capture = std::make_shared<Capture>(CaptureWish{.snap_bytes = 77}, 2);
    board.put(std::make_shared<const Watch>(Watch{std::move(capture), nullptr}));
    if (i % 3 == 0) board.put(nullptr);
  }
  stop = true;
  first.join(), second.join();
}

}  // namespace
}  // namespace tandem
