// SPDX-License-Identifier: Apache-2.0
// Two nodes' overlays: whatever is heard in whatever order, both come to say the same.
#include <algorithm>
#include <random>

#include "controlplane/config/overlay.h"
#include "tests/unit/config/config_support.h"

namespace tandem::config {
namespace {

using namespace std::chrono_literals;

const WallTime kNoon{std::chrono::seconds{1'769'860'800}};

OverlayEntry word(const std::string& node, const std::string& value, const std::string& backend = "web-1") {
  OverlayEntry entry{0, "web", backend, OverlayField::admin_state, value, "alice", "", kNoon, {}};
  entry.node = node;
  return entry;
}

std::string state(const Overlay& overlay, const std::string& backend = "web-1") {
  const OverlayEntry* entry = overlay.find("web", backend, OverlayField::admin_state);
  return entry == nullptr ? "up" : entry->value;
}

// All that one says, as text, as between the nodes.
std::vector<OverlayEntry> sent(const Overlay& from) { return read_entries(to_text(from.told())).value(); }

std::size_t tell(const Overlay& from, Overlay& to) {
  std::size_t conflicts = 0;
  for (const OverlayEntry& entry : sent(from)) conflicts += to.take(entry, kNoon)->conflict ? 1 : 0;
  return conflicts;
}

struct OverlayPair : ::testing::Test {
  Overlay a, b;
};

TEST_F(OverlayPair, WhatOneIsToldTheOtherHears) {
  ASSERT_TRUE(a.set(word("lb-a", "draining")));
  const Overlay::Taken taken = b.take(sent(a).front(), kNoon).value();
  EXPECT_TRUE(taken.changed && !taken.conflict);
  EXPECT_EQ(state(b), "draining");
  EXPECT_EQ(b.entries().front().node, "lb-a");
  EXPECT_FALSE(b.take(sent(a).front(), kNoon)->changed) << "heard twice it says nothing new";
}

TEST_F(OverlayPair, ThatConnectionsAreEndedIsAWordToo) {
  ASSERT_TRUE(a.set(word("lb-a", "killed")));
  tell(a, b);
  EXPECT_EQ(state(b), "killed");
  std::string text = to_text(a.told());
  EXPECT_TRUE(read_entries(text));
  EXPECT_FALSE(read_entries(text.replace(text.find("killed"), 6, "slain")));
}

TEST_F(OverlayPair, WhatWasTakenBackStaysSoWhoeverStillHasIt) {
  ASSERT_TRUE(a.set(word("lb-a", "draining")));
  tell(a, b);
  ASSERT_TRUE(b.set(word("lb-b", "")));  // enabled there, while a does not hear it
  EXPECT_EQ(tell(a, b), 0u);
  EXPECT_EQ(state(b), "up") << "an earlier word does not bring it back";
  EXPECT_EQ(tell(b, a), 0u) << "b knew what it took back";
  EXPECT_EQ(state(a), "up");
}

TEST_F(OverlayPair, OfTwoWordsSaidApartTheLaterHoldsOnBothAndEachSaysThatThereWereTwo) {
  ASSERT_TRUE(b.set(word("lb-b", "draining", "web-2")));  // so that b's time is ahead
  ASSERT_TRUE(a.set(word("lb-a", "draining")) && b.set(word("lb-b", "disabled")));
  const std::vector<OverlayEntry> of_a = sent(a);
  EXPECT_EQ(tell(b, a), 1u);
  EXPECT_EQ(b.take(of_a.front(), kNoon)->conflict, true);
  EXPECT_EQ(state(a), "disabled");
  EXPECT_EQ(state(b), "disabled");
  EXPECT_EQ(tell(a, b) + tell(b, a), 0u) << "once is enough";
}

TEST_F(OverlayPair, AtTheSameTimeTheNodesNameDecides) {
  ASSERT_TRUE(a.set(word("lb-a", "draining")) && b.set(word("lb-b", "disabled")));
  tell(a, b), tell(b, a);
  EXPECT_EQ(state(a) + state(b), "disableddisabled");
}

TEST_F(OverlayPair, TheSameWordSaidOnBothIsNoConflict) {
  ASSERT_TRUE(a.set(word("lb-a", "draining")) && b.set(word("lb-b", "draining")));
  EXPECT_EQ(tell(a, b) + tell(b, a), 0u);
}

TEST_F(OverlayPair, AWordAfterOneThatWasHeardIsLaterThanIt) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(b.set(word("lb-b", "draining")));
  tell(b, a);
  ASSERT_TRUE(a.set(word("lb-a", "")));
  EXPECT_EQ(tell(a, b), 0u);
  EXPECT_EQ(state(b), "up");
}

TEST_F(OverlayPair, WhatHasEndedMeanwhileDoesNotBegin) {
  OverlayEntry shortly = word("lb-a", "draining");
  shortly.ttl = 60s;
  ASSERT_TRUE(a.set(shortly));
  EXPECT_FALSE(b.take(sent(a).front(), kNoon + 61s)->changed);
  EXPECT_EQ(state(b), "up");
}

TEST_F(OverlayPair, ARestartForgetsNeitherWhatHoldsNorWhatWasTakenBack) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("overlay.json");
  Overlay kept = Overlay::open(path).value();
  ASSERT_TRUE(a.set(word("lb-a", "draining")) && a.set(word("lb-a", "disabled", "web-2")));
  tell(a, kept);
  ASSERT_TRUE(kept.set(word("lb-b", "")));
  Overlay again = Overlay::open(path).value();
  EXPECT_EQ(tell(a, again), 0u);
  EXPECT_EQ(state(again) + " " + state(again, "web-2"), "up disabled");
}

TEST_F(OverlayPair, WhateverIsSaidWhereverBothSayTheSameInTheEnd) {
  const std::string values[] = {"", "draining", "disabled"}, backends[] = {"web-1", "web-2", "web-3"};
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random{seed};
    Overlay nodes[2];
    for (int i = 0; i < 40; ++i) {
      const std::size_t n = random() % 2;
      if (random() % 3 == 0) tell(nodes[n], nodes[1 - n]);
      else ASSERT_TRUE(nodes[n].set(word(n == 0 ? "lb-a" : "lb-b", values[random() % 3], backends[random() % 3])));
    }
    tell(nodes[0], nodes[1]), tell(nodes[1], nodes[0]);
    for (const std::string& backend : backends) ASSERT_EQ(state(nodes[0], backend), state(nodes[1], backend)) << "seed " << seed;
  }
}

TEST(OverlayText, AValueThatIsNoneIsRefused) {
  for (const char* value : {"up", "1000", "-1", "3%"}) {
    OverlayEntry entry = word("lb-a", value);
    EXPECT_FALSE(read_entries(to_text({entry}))) << value;
    entry.field = OverlayField::weight;
    EXPECT_FALSE(read_entries(to_text({entry}))) << value;
  }
  for (const char* text : {"", "{", "7", "[7]", "[{}]", "{\"a\":1}"}) EXPECT_FALSE(read_entries(text)) << text;
}

}  // namespace
}  // namespace tandem::config
