// SPDX-License-Identifier: Apache-2.0
// A worker that stands still on its way to a generation, before or after it has read the pointer, while reloads replace what it reads.
// Real threads; a latch holds the worker's one at each step of enter(), so that every order of steps and reloads is tried.
// That a generation is gone is told by a part it shares, which only a weak pointer watches.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>

#include "dataplane/model/enter.h"
#include "tests/support/latch.h"

namespace tandem::test {
namespace {

constexpr WorkerId kWorker{0};
constexpr std::size_t kSteps = 3;

class FrozenWorker : public testing::Test {
 protected:
  FrozenWorker() { EXPECT_TRUE(reload()); }

  // Each generation's ports say its number.
  bool reload() {
    auto next = std::make_unique<Generation>();
    const auto number = static_cast<std::uint16_t>(witnesses_.size() + 1);
    auto ports = std::make_shared<const std::vector<PortView>>(8, PortView{.mtu_bytes = number});
    std::weak_ptr<const std::vector<PortView>> witness{ports};
    next->ports = std::move(ports);
    if (!publisher.publish(std::move(next))) return false;
    witnesses_.push_back(std::move(witness));
    return true;
  }
  bool reload_times(unsigned times) {
    for (unsigned i = 0; i < times; ++i)
      if (!reload()) return false;
    return true;
  }
  bool lives(std::uint64_t number) const { return !witnesses_.at(number - 1).expired(); }
  std::size_t living() const {
    return static_cast<std::size_t>(std::ranges::count_if(witnesses_, [](const auto& witness) { return !witness.expired(); }));
  }
  std::uint64_t latest() const { return witnesses_.size(); }

  // The worker: perhaps in already, then held up at each step, then with the generation in hand, then at its next loop.
  std::thread start(bool was_in) {
    return std::thread{[this, was_in] {
      if (was_in) publisher.enter(kWorker);
      const Generation& mine = publisher.enter(kWorker, [this](EnterStep) { latch.stop(); });
      in_hand = mine.number;
      latch.stop();
      reads_its_own = std::ranges::all_of(*mine.ports, [&](const PortView& port) { return port.mtu_bytes == mine.number; });
      publisher.enter(kWorker);
      latch.stop();
      publisher.leave(kWorker);
    }};
  }
  void go_on(unsigned stops = 1) {
    for (unsigned i = 0; i < stops; ++i) latch.wait(), latch.open();
  }

  Publisher publisher{1};
  Latch latch;
  std::uint64_t in_hand = 0;
  bool reads_its_own = false;

 private:
  std::vector<std::weak_ptr<const std::vector<PortView>>> witnesses_;
};

struct Reloads {
  bool was_in = false;
  std::array<unsigned, kSteps> at{};  // how many while it stands at each step
};

class FrozenAnywhere : public FrozenWorker, public testing::WithParamInterface<Reloads> {};

TEST_P(FrozenAnywhere, ItReadsTheLatestAndKeepsItAndWhatItLeftGoesOnceItWentOn) {
  const Reloads& reloads = GetParam();
  std::thread worker = start(reloads.was_in);
  std::uint64_t at_root = 0;
  for (std::size_t step = 0; step < kSteps; ++step) {
    latch.wait();
    if (step == kSteps - 1) at_root = latest();  // it has read the root by now
    EXPECT_TRUE(reload_times(reloads.at[step]));
    latch.open();
  }
  latch.wait();
  EXPECT_EQ(in_hand, at_root);
  EXPECT_TRUE(reload());
  EXPECT_TRUE(lives(in_hand)) << "it is about to read it";
  latch.open();
  latch.wait();
  EXPECT_TRUE(reads_its_own);
  publisher.collect();
  EXPECT_EQ(living(), 1U) << "it went on, so the latest alone is left";
  EXPECT_EQ(publisher.unreclaimed(), 0U);
  latch.open();
  worker.join();
}

std::vector<Reloads> every_order() {
  std::vector<Reloads> orders;
  for (const bool was_in : {false, true})
    for (unsigned order = 0; order < 27; ++order) orders.push_back({was_in, {order % 3, order / 3 % 3, order / 9}});
  return orders;
}

INSTANTIATE_TEST_SUITE_P(EveryOrder, FrozenAnywhere, testing::ValuesIn(every_order()), [](const auto& about) {
  const Reloads& reloads = about.param;
  std::string name = reloads.was_in ? "WasIn" : "FromOutside";
  for (const unsigned times : reloads.at) name += std::to_string(times);
  return name;
});

TEST_F(FrozenWorker, BeforeItTellsThatItIsInItDelaysNothing) {
  std::thread worker = start(false);
  latch.wait();
  EXPECT_TRUE(reload_times(100));
  EXPECT_EQ(living(), 1U);
  latch.open();
  go_on(2);
  latch.wait();
  EXPECT_EQ(in_hand, 101U);
  EXPECT_TRUE(reload());
  EXPECT_TRUE(lives(101)) << "in hand now, though the epoch it told is a hundred reloads old";
  latch.open();
  go_on();
  worker.join();
}

TEST_F(FrozenWorker, FromThenOnItHoldsEightReloadsAtMostAndIsNamedAtTheNinth) {
  for (std::size_t step = 1; step < kSteps; ++step) {
    std::thread worker = start(false);
    go_on(static_cast<unsigned>(step));
    latch.wait();
    EXPECT_TRUE(reload_times(Publisher::kMaxUnreclaimed));
    EXPECT_FALSE(reload());
    EXPECT_EQ(living(), Publisher::kMaxUnreclaimed + 1) << "what it may read, and all since";
    latch.open();
    go_on(static_cast<unsigned>(kSteps - step));
    latch.wait();
    EXPECT_TRUE(reads_its_own);
    EXPECT_TRUE(reload()) << "it went on";
    EXPECT_EQ(living(), 2U) << "the latest, and what it has in hand";
    latch.open();
    worker.join();
    publisher.collect();
  }
}

// The control: without telling first, what was read is gone at the next reload. So the latch stands where it matters, and the witness
// sees a generation go while a worker has it in hand.
TEST_F(FrozenWorker, WhoReadsTheRootBeforeItIsSeenLosesItUnderItsHands) {
  const Generation* early = nullptr;
  std::thread worker{[&] {
    early = publisher.latest();
    latch.stop();
  }};
  latch.wait();
  EXPECT_EQ(early->number, 1U);
  EXPECT_TRUE(reload());
  EXPECT_FALSE(lives(1));
  latch.open();
  worker.join();
}

}  // namespace
}  // namespace tandem::test
