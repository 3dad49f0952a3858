// SPDX-License-Identifier: Apache-2.0
// A generation's life is watched through a part it shares: while it lives, the part has another owner.
#include "dataplane/model/publisher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace tandem {
namespace {

constexpr WorkerId kFirst{0}, kSecond{1};

std::unique_ptr<Generation> generation() { return std::make_unique<Generation>(); }

std::unique_ptr<Generation> generation_with(std::shared_ptr<const std::vector<PortView>> ports) {
  auto made = generation();
  made->ports = std::move(ports);
  return made;
}

TEST(Publisher, NumbersGenerationsFromOneOn) {
  Publisher publisher{1};
  EXPECT_EQ(publisher.latest(), nullptr);
  ASSERT_TRUE(publisher.publish(generation()));
  EXPECT_EQ(publisher.latest()->number, 1u);
  ASSERT_TRUE(publisher.publish(generation()));
  EXPECT_EQ(publisher.enter(kFirst).number, 2u);
  publisher.leave(kFirst);
}

TEST(Publisher, AWorkerKeepsItsGenerationUntilItsNextLoop) {
  Publisher publisher{2};
  const auto witness = std::make_shared<const std::vector<PortView>>();
  ASSERT_TRUE(publisher.publish(generation_with(witness)));
  const Generation& held = publisher.enter(kFirst);
  ASSERT_TRUE(publisher.publish(generation()));
  EXPECT_EQ(held.number, 1u);
  EXPECT_EQ(witness.use_count(), 2) << "worker 0 still reads it";
  publisher.enter(kFirst);
  publisher.collect();
  EXPECT_EQ(witness.use_count(), 1) << "nobody can read it";
  publisher.leave(kFirst);
}

TEST(Publisher, ASleepingWorkerDelaysNothing) {
  Publisher publisher{2};
  ASSERT_TRUE(publisher.publish(generation()));
  publisher.enter(kSecond);
  publisher.leave(kSecond);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(publisher.publish(generation()));
  EXPECT_EQ(publisher.unreclaimed(), 0u);
  EXPECT_EQ(publisher.enter(kSecond).number, 101u);
  publisher.leave(kSecond);
}

TEST(Publisher, AStalledWorkerIsNamedAfterEightGenerationsAndPublishingGoesOnWhenItMoves) {
  Publisher publisher{2};
  ASSERT_TRUE(publisher.publish(generation()));
  publisher.enter(kFirst);
  publisher.enter(kSecond);
  for (std::size_t i = 0; i < Publisher::kMaxUnreclaimed; ++i) {
    ASSERT_TRUE(publisher.publish(generation())) << i;
    publisher.enter(kFirst);
  }
  const Result<> refused = publisher.publish(generation());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("worker 1 "), std::string::npos) << refused.error().message;
  EXPECT_EQ(publisher.latest()->number, 9u) << "the latest stays";
  publisher.enter(kSecond);
  ASSERT_TRUE(publisher.publish(generation()));
  EXPECT_EQ(publisher.latest()->number, 10u) << "the refused one had no number";
  publisher.leave(kFirst), publisher.leave(kSecond);
  publisher.collect();
  EXPECT_EQ(publisher.unreclaimed(), 0u);
}

// Each generation carries ports that say its number: a worker that read freed memory, or another generation's part,
// would see them differ (and the sanitizers would see it first).
TEST(Publisher, WorkersThatLoopSleepAndWakeNeverSeeAFreedGeneration) {
  constexpr std::size_t kWorkers = 3;
  Publisher publisher{kWorkers};
  const auto numbered = [](std::uint64_t number) {
    auto next = generation();
    next->ports = std::make_shared<const std::vector<PortView>>(8, PortView{.mtu_bytes = static_cast<std::uint16_t>(number)});
    return next;
  };
  ASSERT_TRUE(publisher.publish(numbered(1)));
  std::atomic<bool> ending{false};
  std::atomic<std::uint64_t> wrong{0}, back{0};
  std::array<std::atomic<std::uint64_t>, kWorkers> seen{};
  std::vector<std::thread> workers;
  for (std::size_t w = 0; w < kWorkers; ++w)
    workers.emplace_back([&, w] {
      const WorkerId self{static_cast<std::uint8_t>(w)};
      for (std::uint64_t loop = 0, last = 0; !ending.load(std::memory_order_relaxed); ++loop) {
        const Generation& now = publisher.enter(self);
        for (const PortView& port : *now.ports)
          if (port.mtu_bytes != static_cast<std::uint16_t>(now.number)) wrong.fetch_add(1);
        if (now.number < last) back.fetch_add(1);
        if (now.number != last) seen[w].fetch_add(1, std::memory_order_relaxed);
        last = now.number;
        if ((loop + w) % 3 == 0) publisher.leave(self);
        if (loop % 64 == 0) std::this_thread::yield();
      }
      publisher.leave(self);
    });
  const auto all_saw_enough = [&] { return std::ranges::all_of(seen, [](const auto& changes) { return changes.load() >= 500; }); };
  std::uint64_t published = 1;
  for (std::uint64_t tries = 0; !all_saw_enough() && tries < 20'000'000; ++tries) {
    if (publisher.publish(numbered(published + 1))) ++published;
    if (tries % 16 == 0) std::this_thread::yield();
  }
  ending = true;
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(wrong.load(), 0u);
  EXPECT_EQ(back.load(), 0u) << "a worker went back to an older generation";
  EXPECT_TRUE(all_saw_enough()) << "the workers hardly ran, so the test says nothing; published " << published;
  publisher.collect();
  EXPECT_EQ(publisher.unreclaimed(), 0u);
}

}  // namespace
}  // namespace tandem
