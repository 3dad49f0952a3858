// SPDX-License-Identifier: Apache-2.0
#include "controlplane/loop/loop.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace tandem {
namespace {

using namespace std::chrono_literals;

// Ends a test that would otherwise wait for ever, with a code that no test expects.
constexpr int kTooLate = 99;

struct LoopTest : testing::Test {
  Loop loop;
  Loop::Handle guard = loop.after(5s, [this] { loop.stop(kTooLate); });
};

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close(read_end);
    close(write_end);
  }
  void put(char byte) const { EXPECT_EQ(write(write_end, &byte, 1), 1); }
  char take() const {
    char byte = 0;
    EXPECT_EQ(read(read_end, &byte, 1), 1);
    return byte;
  }
};

TEST_F(LoopTest, StopEndsTheRunWithItsCode) {
  loop.stop(7);
  EXPECT_EQ(loop.run(), 7);
}

TEST_F(LoopTest, TasksOfAnotherThreadRunHereInTheirOrder) {
  const auto here = std::this_thread::get_id();
  std::vector<int> seen;
  std::thread other{[&] {
    for (int i = 0; i < 1000; ++i) {
      loop.post([&, i] {
        EXPECT_EQ(std::this_thread::get_id(), here);
        seen.push_back(i);
      });
    }
    loop.stop();
  }};
  EXPECT_EQ(loop.run(), 0);
  other.join();
  ASSERT_EQ(seen.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST_F(LoopTest, ATaskThatPostsItselfDoesNotStarveTimers) {
  std::function<void()> again = [&] { loop.post(again); };
  again();
  const auto timer = loop.after(5ms, [&] { loop.stop(1); });
  EXPECT_EQ(loop.run(), 1);
}

TEST_F(LoopTest, AOneShotTimerComesOnceAndAgainWhenRearmed) {
  int calls = 0;
  auto timer = loop.after(1ms, [&] { ++calls; });
  const auto end = loop.after(30ms, [&] { loop.stop(); });
  Loop::Handle rearm = loop.after(10ms, [&] {
    EXPECT_EQ(calls, 1);
    timer.rearm(1ms);
  });
  loop.run();
  EXPECT_EQ(calls, 2);
}

TEST_F(LoopTest, ATimerIsNotEarly) {
  const SteadyClock clock;
  const Instant start = clock.now();
  const auto timer = loop.after(20ms, [&] { loop.stop(); });
  loop.run();
  EXPECT_GE(clock.now() - start, 20ms);
}

TEST_F(LoopTest, APeriodicTimerComesUntilItsHandleIsGone) {
  int calls = 0;
  Loop::Handle timer = loop.every(1ms, [&] {
    if (++calls == 3) timer.cancel();  // inside its own callback
  });
  const auto end = loop.after(30ms, [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(calls, 3);
  EXPECT_FALSE(timer.active());
}

TEST_F(LoopTest, WhatACallbackHoldsLivesUntilItReturns) {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = held;
  Loop::Handle timer;
  timer = loop.after(0ms, [&, held = std::move(held)] {
    timer = {};
    EXPECT_EQ(*held, 1);
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(watch.expired()) << "the callback should be freed once it is cancelled";
}

TEST_F(LoopTest, ADescriptorIsReportedWhileItIsReadable) {
  const Pipe pipe;
  std::string got;
  auto handle = loop.watch_fd(pipe.read_end, EPOLLIN, [&](std::uint32_t events) {
    EXPECT_TRUE((events & EPOLLIN) != 0);
    got += pipe.take();
    if (got.size() == 2) loop.stop();
  });
  ASSERT_TRUE(handle) << handle.error().message;
  pipe.put('a');
  pipe.put('b');
  EXPECT_EQ(loop.run(), 0);
  EXPECT_EQ(got, "ab");
}

TEST_F(LoopTest, APausedDescriptorIsSilentUntilAskedForAgain) {
  const Pipe pipe;
  int calls = 0;
  auto handle = loop.watch_fd(pipe.read_end, EPOLLIN, [&](std::uint32_t) {
    pipe.take();
    ++calls;
    loop.stop();
  });
  ASSERT_TRUE(handle);
  handle->set_events(0);
  pipe.put('a');
  const auto resume = loop.after(10ms, [&] {
    EXPECT_EQ(calls, 0);
    handle->set_events(EPOLLIN);
  });
  EXPECT_EQ(loop.run(), 0);
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, ADescriptorThatCannotBeWatchedIsRefusedInWords) {
  const auto handle = loop.watch_fd(-1, EPOLLIN, [](std::uint32_t) {});
  ASSERT_FALSE(handle);
  EXPECT_NE(handle.error().message.find("descriptor -1"), std::string::npos) << handle.error().message;
}

TEST_F(LoopTest, ASignalIsACallback) {
  int calls = 0;
  const auto handle = loop.watch_signal(SIGUSR1, [&] {
    ++calls;
    loop.stop();
  });
  ASSERT_TRUE(handle) << handle.error().message;
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  EXPECT_EQ(loop.run(), 0);
  EXPECT_EQ(calls, 1);
}

// A server that is torn down after the loop still flushes and closes its connections.
TEST_F(LoopTest, AfterItsEndChangesHaveNoEffect) {
  const Pipe pipe;
  auto descriptor = loop.watch_fd(pipe.read_end, EPOLLIN, [](std::uint32_t) {});
  ASSERT_TRUE(descriptor);
  Loop::Handle timer = loop.after(1h, [] {});
  loop.stop();
  loop.run();
  descriptor->set_events(0);
  timer.rearm(1ms);
  EXPECT_FALSE(loop.after(1ms, [] {}).active());
  EXPECT_FALSE(loop.watch_fd(pipe.read_end, EPOLLIN, [](std::uint32_t) {}));
}

TEST_F(LoopTest, RunOnceReturnsWhenNothingCame) {
  EXPECT_TRUE(loop.run_once(1ms));
  loop.stop();
  while (loop.run_once(1ms)) {
  }
  EXPECT_FALSE(loop.run_once(1ms));
}

}  // namespace
}  // namespace tandem
