// SPDX-License-Identifier: Apache-2.0
// Anti-entropy of two nodes' workers: what is silently wrong in the standby is found and set right, and nothing else is.
#include "tests/unit/sync/compared_pair.h"

namespace tandem::test {
namespace {

constexpr unsigned kPerMs = 50;  // 50,000 new connections a second
constexpr unsigned kStay = 20'000, kDamaged = 100;
constexpr std::uint64_t kRoom = 100'000;

// The target: five seconds of the clock, at 50,000 new connections and as many ends a second.
TEST(Digests, AHundredDamagedConnectionsAreSetRightWithinFiveSecondsAndNoOtherIsTouched) {
  ComparedPair pair{kRoom, true};
  pair.open_staying(kStay);
  pair.run(1500ms, kPerMs);
  ASSERT_EQ(pair.mended(), 0U);
  const unsigned to_repair = Damage::do_to(pair.theirs, kDamaged);
  ASSERT_EQ(to_repair, 120U) << "one with a damaged tuple is one too many and one missing";
  unsigned ms = 0;
  for (; ms < 5000 && pair.mended() < to_repair; ++ms) pair.step(kPerMs);
  EXPECT_EQ(pair.mended(), to_repair) << "all of them, and nothing else, within " << ms << " ms";
  RecordProperty("repaired_after_ms", static_cast<int>(ms));
  std::printf("repaired after %u ms; %lu buckets compared, %lu differed for certain\n", ms, pair.compared().compared,
              pair.compared().differing);
  pair.rest();
  EXPECT_TRUE(ComparedPair::marks(pair.ours) == ComparedPair::marks(pair.theirs));
  EXPECT_EQ(pair.mended(), to_repair);
}

TEST(Digests, ControlWithoutComparingTheDamageStays) {
  ComparedPair pair{kRoom, false};
  pair.open_staying(kStay);
  Damage::do_to(pair.theirs, kDamaged);
  pair.run(6000ms, 5);
  pair.rest();
  EXPECT_EQ(pair.mended(), 0U);
  EXPECT_FALSE(ComparedPair::marks(pair.ours) == ComparedPair::marks(pair.theirs));
}

TEST(Digests, WhereNothingIsWrongNothingIsSetRightHoweverMuchComesAndGoes) {
  ComparedPair pair{kRoom, true};
  pair.loss = 0.01;
  pair.open_staying(2000);
  pair.run(3000ms, kPerMs);
  EXPECT_GT(pair.compared().compared, 1.5 * kFlowBuckets) << "else nothing was shown";
  EXPECT_EQ(pair.mended(), 0U);
  EXPECT_EQ(pair.compared().differing, 0U);
}

// Removals are kept by value until they arrive, but a log that overflows loses them: a bulk brings back only what is there.
TEST(Digests, AGhostWhoseRemovalWasNeverToldIsEnded) {
  ComparedPair pair{20'000, true};
  pair.open_staying(500);
  pair.run(100ms);
  pair.ours.flows.set_sync(false);  // nobody listens for a moment
  pair.run(10ms);
  unsigned ended = 0;
  for (const auto& worker : pair.ours.herd.workers) {
    ConnTable4& table = worker->state().table4();
    table.walk(0, table.slots(), [&](ConnEntry4& entry) {
      if (ended < 30) table.erase(entry), ++ended;
    });
  }
  pair.ours.flows.set_sync(true);
  ASSERT_EQ(pair.theirs.connections().size(), 500U);
  pair.run(5000ms);
  EXPECT_EQ(pair.theirs.connections().size(), 470U);
  EXPECT_EQ(pair.mended(), 30U);
}

TEST(Digests, QuietTablesCostTwoPagesARound) {
  ComparedPair pair{20'000, true};
  pair.open_staying(2000);
  pair.run(3000ms);
  const std::uint64_t digests = pair.bytes[sync::Type::digest], questions = pair.bytes[sync::Type::diff];
  const auto rounds = pair.compared().rounds;
  pair.run(5000ms);
  EXPECT_EQ(pair.compared().rounds, rounds + 5);
  EXPECT_LE(pair.bytes[sync::Type::digest] - digests, 2U * 5 * 2 * 1100) << "either node answers";
  EXPECT_LE(pair.bytes[sync::Type::diff] - questions, 2U * 5 * 60) << "either node asks";
}

// What cannot be mended (here: the standby does not know the backend) is tried less and less often.
TEST(Digests, WhatCannotBeMendedIsTriedLessAndLessOften) {
  ComparedPair pair{20'000, true};
  pair.theirs.world.services[pair.theirs.world.services.size() - 2].backends.pop_back();
  pair.theirs.herd.publish();
  pair.open_staying(60);
  pair.run(20s);
  const std::uint64_t unknown = pair.theirs.applied(SyncOutcome::unknown_backend);
  EXPECT_GT(pair.compared().differing, 10U);
  EXPECT_LT(pair.compared().differing, 20U * 5) << "about twenty buckets, after 2, 4 and 8 seconds";
  EXPECT_LT(unknown, 20U * 8) << "twice as it was opened, then at each try";
  EXPECT_EQ(pair.mended(), 0U);
}

}  // namespace
}  // namespace tandem::test
